import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { chromaProject, eventsOf, startIndex } from "./migrate-helpers.ts";

function phasesOf(out: string, type: string): unknown[] {
  return eventsOf(out)
    .filter((event) => event.type === type)
    .map(({ phase }) => phase);
}

describe("migrate run, once more", () => {
  it("stops at the verification when the target has changed, and passes once it is repaired (MIG-6)", async () => {
    const directory = chromaProject(30);
    const index = await startIndex();
    const options = { directory, environment: index.environment };
    const sides = [
      "--from",
      "chroma_db",
      "--to",
      "upstash",
      "--vectors",
      "keep",
      "--name",
      "foods",
      "--json",
    ];
    const migrate = (action: string) => runHere(["migrate", action, ...sides], options);
    expect(await migrate("run")).toMatchObject({ code: 0 });
    await index.client.delete("food-7");
    const stopped = await migrate("run");
    expect(stopped.code).toBe(1);
    expect(eventsOf(stopped.out)).toContainEqual(
      expect.objectContaining({
        type: "phase-refuse",
        phase: "verify",
        found: expect.stringContaining("1 difference"),
        advice: expect.stringContaining("ragfood migrate repair"),
      }),
    );
    expect(phasesOf(stopped.out, "phase-begin")).toEqual(["doctor", "verify"]);
    expect(eventsOf(stopped.out).at(-1)).toMatchObject({ isComplete: false, refused: { phase: "verify" } });
    const state = join(directory, ".ragfood", "migrations", "foods");
    expect(readFileSync(join(state, "report.md"), "utf8")).toContain("# Migration foods: not complete");
    expect(readFileSync(join(state, "report.md"), "utf8")).toContain("| compare | not run | | | |");
    expect(readFileSync(join(state, "differences.jsonl"), "utf8")).toContain('"food-7"');
    expect(await migrate("repair")).toMatchObject({ code: 0 });
    const passed = await migrate("run");
    expect(passed).toMatchObject({ code: 0 });
    expect(phasesOf(passed.out, "phase-begin")).toEqual(["doctor", "verify", "compare", "bench"]);
  });

  it("repeats phases whose inputs changed, and all after them", async () => {
    const directory = chromaProject(12);
    const writeFoods = (type: string) =>
      writeFileSync(join(directory, "foods.json"), JSON.stringify([{ id: "food-2", text: "x", type }]));
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--name", "foods"];
    const run = () => runHere([...words, "--join", "foods.json", "--json"], { directory });
    writeFoods("Soup");
    expect(await run()).toMatchObject({ code: 0 });
    writeFoods("Curry");
    const migrations = join(directory, ".ragfood", "migrations", "foods");
    const [dump = ""] = readdirSync(migrations).filter((name) => name.startsWith("dump-"));
    const again = await run();
    expect(again).toMatchObject({ code: 0 });
    expect(phasesOf(again.out, "phase-skip")).toEqual(["backup"]);
    expect(phasesOf(again.out, "phase-begin")).toContain("import");
    const dumped = await runHere(["dump", "export", "embedded:index", "out"], { directory });
    expect(dumped.code).toBe(0);
    // What a killed export leaves is no obstacle to the next.
    renameSync(join(migrations, dump), join(migrations, `${dump}.partial`));
    writeFoods("Stew");
    expect(await run()).toMatchObject({ code: 0 });
    const ledger = new DatabaseSync(join(migrations, "ledger.sqlite"));
    ledger.exec("UPDATE phases SET state = substr(state, 1, 20) WHERE name = 'plan'");
    ledger.close();
    const damaged = await run();
    expect(damaged).toMatchObject({ code: 0 });
    expect(phasesOf(damaged.out, "phase-begin")).toContain("plan");
  });
});
