import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runbookOf } from "../../src/operations/alerts/runbook.ts";
import { objectiveWords } from "../../src/operations/objectives/describe.ts";

const file = "docs/runbook.md";
const runbook = readFileSync(file, "utf8");
const rows = runbook.split("\n").filter((line) => line.startsWith("| <a id="));
const anchors = new Set(Array.from(runbook.matchAll(/<a id="([^"]+)">/g), ([, id]) => `${file}#${id}`));

/** The keys of the checks and the names of the jobs, as the source has them. */
function keysInSource(): string[] {
  const sources = ["src/operations", "src/composition"].flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(`${directory}/${name}`, "utf8")),
  );
  const all = (pattern: RegExp) =>
    sources.flatMap((source) => Array.from(source.matchAll(pattern), ([, name]) => name as string));
  return [
    ...all(/\bkey: "([a-z:-]+)"/g),
    ...all(/\bname: "([a-z-]+)",\s+expression/g).map((name) => `schedule-${name}`),
    ...Object.keys(objectiveWords).map((name) => `objective:${name}`),
    "store:upstash",
  ];
}

describe("the runbook (OPS-3)", () => {
  it("has a row for every alert of the service", () => {
    const keys = keysInSource();
    expect(keys).toEqual(expect.arrayContaining(["state", "cutover:rollback", "schedule-backup-drill"]));
    expect(keys.map(runbookOf).filter((place) => !anchors.has(place))).toEqual([]);
  });

  it("has a row for every rule of Prometheus, which links to it", () => {
    const rules = readFileSync("docs/monitoring/rules.yml", "utf8").split("- alert: ").slice(1);
    expect(rules.length).toBeGreaterThan(10);
    for (const rule of rules) {
      const name = rule.slice(0, rule.indexOf("\n"));
      expect(rule).toContain(`runbook_url: ${file}#${name}\n`);
      expect(anchors).toContain(`${file}#${name}`);
    }
  });

  it("says in each row how to see the cause, what to do, and how to prove that it is over", () => {
    for (const row of rows) {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      expect(cells.map((cell) => cell.trim() !== "")).toEqual([true, true, true, true]);
    }
  });

  it("has no row of an alert that does not exist", () => {
    const known = new Set(keysInSource().map(runbookOf));
    const unknown = [...anchors].filter((place) => !known.has(place) && !/#Ragfood/.test(place));
    expect(unknown).toEqual([]);
  });
});
