import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StoreCollection } from "../../bench/migration/chroma-store.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore } from "../migration/chroma-directory/stores.ts";

const unit = Float32Array.of(0.5, 0.5, 0.5, 0.5);

function projectOf(fill: (collection: StoreCollection) => void): string {
  const directory = temporaryDirectory();
  cpSync(makeStore("1.3", fill), join(directory, "chroma_db"), { recursive: true });
  return directory;
}

const sides = ["--from", "chroma_db", "--to", "embedded:index", "--name", "foods"];

describe("migrate", () => {
  it("run --rename-keys auto: the target has the new keys, and the proof knows them", async () => {
    const directory = projectOf((collection) => {
      for (let number = 0; number < 8; number++)
        collection.apply("add", {
          id: `${number}`,
          text: `Soup ${number}`,
          metadata: { "Header 1": `Soups ${number}`, in: number },
          vector: Float32Array.of(Math.cos(number), Math.sin(number), 0, 0),
        });
    });
    const plain = await runHere(["migrate", "plan", ...sides], { directory });
    expect(plain.out).toMatch(
      /filters cannot name: "Header 1" in 8, "in" in 8.*\(8 records\).*--rename-keys auto/,
    );
    const { code, out } = await runHere(["migrate", "run", ...sides, "--rename-keys", "auto"], { directory });
    expect(out).toMatch(/verify +identical: 8 records/);
    expect(code).toBe(0);
    const report = readFileSync(join(directory, ".ragfood/migrations/foods/report.md"), "utf8");
    expect(report).not.toContain("filters cannot name");
  });

  it("plan --tier and --rate: time by the stated rate, limits of the plan as problems", async () => {
    const directory = projectOf((collection) => {
      for (let number = 0; number < 4; number++)
        collection.apply("add", { id: `${number}`, text: "Soup", vector: unit });
    });
    const { code, out } = await runHere(["migrate", "plan", ...sides, "--tier", "free", "--rate", "2"], {
      directory,
    });
    expect(out).toContain("about 2 s at 2 records/s (stated)");
    expect(code).toBe(0);
  });

  it("cost --from measures the source, before an index exists", async () => {
    const directory = projectOf((collection) => {
      for (let number = 0; number < 4; number++)
        collection.apply("add", { id: `${number}`, text: "Soup", vector: unit });
    });
    const { code, out } = await runHere(["cost", "--from", "chroma_db", "--json"], { directory });
    expect(JSON.parse(out)).toMatchObject({ workload: { recordCount: 4, dimension: 4 } });
    expect(code).toBe(0);
  });

  it("names the records when bad ids stop a run", async () => {
    const directory = projectOf((collection) => {
      collection.apply("add", { id: "good", text: "Soup", vector: unit });
      collection.apply("add", { id: "", text: "Stew", vector: unit });
    });
    const { code, out } = await runHere(["migrate", "run", ...sides], { directory });
    expect(code).toBe(1);
    expect(out).toMatch(/STOP +plan .*the id is empty \(1 record: ""\)/);
  });
});
