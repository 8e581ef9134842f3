import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DumpSource } from "../../../src/migration/dump/index.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { runHere } from "../../helpers/run-here.ts";
import { chromaOf, project } from "./helpers.ts";

const tenants = (count = 12) =>
  chromaOf(count, (_, number) => ({ metadata: { tenant: number % 3, calories: number + 0.5 } }));

describe("a migration of a part (--filter)", () => {
  it("moves and proves the records that meet the filter, and no others", async () => {
    const { run, directory } = project();
    const to = `embedded:${join(directory, "index")}`;
    const source = tenants();
    const first = await run(source, to, { filter: parseFilter("tenant = 1"), namespace: "one" });
    expect(first.refused).toBeUndefined();
    expect(first.completeness).toBe("complete");
    expect(first.proof.records).toMatch(/^identical: 4 records, both ways/);
    expect(readFileSync(join(first.migration.directory, "report.md"), "utf8")).toContain(
      "chroma_db foods where tenant = 1",
    );
    // Another part is another migration, into a namespace of its own.
    const second = await run(source, to, { filter: parseFilter("tenant = 2"), namespace: "two" });
    expect(second.proof.records).toMatch(/^identical: 4 records/);
    expect(second.migration.name).not.toBe(first.migration.name);
    const target = await second.migration.openTarget("read");
    expect((await target.store.info()).namespaces).toMatchObject({ one: 4, two: 4 });
    await target.close();
  });

  it("compares a part with the same part: import, verify, catch-up and dump export by hand", async () => {
    const { directory } = project();
    const sides = ["--from", tenants(), "--to", `embedded:${join(directory, "index")}`];
    const part = ["--filter", "tenant = 1 AND calories < 9"];
    const act = (words: string[]) => runHere(words, { directory });
    expect(await act(["migrate", "import", ...sides, ...part])).toMatchObject({ code: 0 });
    const verified = await act(["migrate", "verify", ...sides, ...part]);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining("3 of 3 records") });
    expect(await act(["migrate", "catch-up", ...sides, ...part])).toMatchObject({ code: 0 });
    expect((await act(["migrate", "verify", ...sides])).code).toBe(1);
    expect((await act(["dump", "export", sides[1] as string, "part", ...part])).code).toBe(0);
    const dump = DumpSource.open(join(directory, "part"));
    expect((await dump.describe()).recordCount).toBe(3);
    // A part of a dump is exported before it is imported, so that only the part is.
    const onwards = ["--from", "dump:part", "--to", "embedded:next", "--filter", "calories < 5"];
    const run = await act(["migrate", "run", ...onwards]);
    expect(run.out).toMatch(/verify +identical: 2 records/);
  });

  it("that no record meets is an error, and nothing is created", async () => {
    const { directory } = project();
    const sides = ["--from", tenants(), "--to", `embedded:${join(directory, "index")}`];
    const { code, error } = await runHere(["migrate", "run", ...sides, "--filter", "tenant = 9"], {
      directory,
    });
    expect(code).toBe(1);
    expect(error).toContain("where tenant = 9: the source holds no records");
    expect(existsSync(join(directory, "index"))).toBe(false);
  });
});
