import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "../helpers/project.ts";
import { runHere } from "../helpers/run-here.ts";

/** A project whose index holds the sample foods. */
async function filled() {
  const { directory } = project();
  const run = (...words: string[]) => runHere(words, { directory });
  await run("ingest");
  const ids = async () =>
    (await run("list", "--json")).out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
  return { directory, run, ids };
}

describe("get", () => {
  it("shows text and metadata of a record", async () => {
    const { run } = await filled();
    const { code, out } = await run("get", "pho");
    expect(code).toBe(0);
    expect(out).toMatch(/^pho\n {4}Pho is a fragrant noodle soup/);
    expect(out).toContain("    region: Vietnam\n");
    expect(out).toContain('    diet: ["dairy-free"]\n');
  });

  it("prints records as JSON, in the order of the ids", async () => {
    const { run } = await filled();
    const { out } = await run("get", "pho", "brie", "--json");
    expect(JSON.parse(out)).toMatchObject({ records: [{ id: "pho" }, { id: "brie" }], missing: [] });
  });

  it("exits with 1 and names an id that does not exist", async () => {
    const { run } = await filled();
    const { code, out, error } = await run("get", "pho", "kale");
    expect({ code, error }).toEqual({ code: 1, error: "No record has the id kale.\n" });
    expect(out).toContain("Pho is");
    expect(JSON.parse((await run("get", "kale", "--json")).out)).toEqual({ records: [], missing: ["kale"] });
  });

  it("get creates no index if none exists", async () => {
    const { directory } = project();
    expect((await runHere(["get", "pho"], { directory })).error).toContain("There is no index at");
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });
});

describe("list", () => {
  it("lists one record per line, and reports that more records exist", async () => {
    const { run } = await filled();
    const { out, error } = await run("list", "--limit", "2");
    expect(out).toMatch(/^vindaloo {2}Vindaloo is [^\n]+\nidli {2}Idli is [^\n]+\n$/);
    expect(error).toBe("There are more than 2 records; --limit lists more.\n");
    expect((await run("list", "--limit", "5")).error).toBe("");
  });

  it("limits itself to a filter, as delete does", async () => {
    const { run } = await filled();
    expect((await run("list", "--filter", "region = 'India'", "--limit", "2")).out).toMatch(
      /^vindaloo {2}[^\n]+\nidli {2}[^\n]+\n$/,
    );
    expect((await run("list", "--filter", "region = 'Chad'")).error).toBe(
      "There are no records in the default namespace for which region = 'Chad' is true.\n",
    );
  });

  it("limits itself to a prefix and a namespace", async () => {
    const { run } = await filled();
    expect((await run("list", "--prefix", "v")).out).toMatch(/^vindaloo {2}[^\n]+\n$/);
    expect((await run("list", "--namespace", "mine")).error).toBe(
      'There are no records in the namespace "mine".\n',
    );
  });

  it("shows an id with invisible characters as JSON, to distinguish it from similar ids", async () => {
    const { directory, run } = await filled();
    writeFileSync(join(directory, "odd.json"), JSON.stringify([{ id: "p\u200bho\n[1]", text: "odd" }]));
    await run("ingest", "odd.json");
    expect((await run("list", "--prefix", "p\u200b")).out).toMatch(/^"p\\u200bho\\n\[1\]" {2}odd/);
  });
});

describe("delete", () => {
  it("deletes records by their ids", async () => {
    const { run, ids } = await filled();
    expect((await run("delete", "pho", "brie")).out).toBe("2 records deleted from the embedded index.\n");
    expect(await ids()).toEqual(["vindaloo", "idli", "gazpacho"]);
  });

  it("exits with 1 if one does not exist", async () => {
    const { run } = await filled();
    expect(await run("delete", "pho", "kale", "--json")).toMatchObject({ code: 1 });
    expect((await run("delete", "kale")).out).toBe("0 records deleted from the embedded index.\n");
  });

  it.each([[["--prefix", "v"]], [["--filter", "region = 'India'"]]])(
    "asks before %j deletes records, or needs --yes",
    async (which) => {
      const { run, ids } = await filled();
      const refused = await run("delete", ...which);
      expect(refused).toMatchObject({ code: 2, error: expect.stringContaining("Confirm it with --yes.") });
      expect(await ids()).toHaveLength(5);
      expect((await run("delete", ...which, "--yes")).code).toBe(0);
      expect((await ids()).length).toBeLessThan(5);
    },
  );

  it.each([
    [[]],
    [["pho", "--prefix", "p"]],
    [["--prefix", "", "--yes"]],
    [["--filter", "region =", "--yes"]],
  ])("refuses %j", async (words) => {
    const { run, ids } = await filled();
    expect((await run("delete", ...words)).code).toBe(2);
    expect(await ids()).toHaveLength(5);
  });
});
