import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runbookOf } from "../../src/operations/alerts/runbook.ts";
import { objectiveWords } from "../../src/operations/objectives/describe.ts";

const file = "docs/runbook.md";
const runbook = readFileSync(file, "utf8");
/** Every alert with a heading, which begins with the places that links name. */
const entries = runbook.split("\n### ").slice(1);
const headings = entries.map((entry) => entry.slice(0, entry.indexOf("\n")));
const anchors = new Set(
  headings.flatMap((heading) =>
    Array.from(heading.matchAll(/<a id="([^"]+)">/g), ([, id]) => `${file}#${id}`),
  ),
);

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
  it("has a heading for every alert of the service, to which its link goes", () => {
    const keys = keysInSource();
    expect(keys).toEqual(expect.arrayContaining(["state", "cutover:rollback", "schedule-backup-drill"]));
    expect(keys.map(runbookOf).filter((place) => !anchors.has(place))).toEqual([]);
  });

  it("has a heading for every rule of Prometheus, which links to it", () => {
    const rules = readFileSync("docs/monitoring/rules.yml", "utf8").split("- alert: ").slice(1);
    expect(rules.length).toBeGreaterThan(10);
    for (const rule of rules) {
      const name = rule.slice(0, rule.indexOf("\n"));
      expect(rule).toContain(`runbook_url: ${file}#${name}\n`);
      expect(anchors).toContain(`${file}#${name}`);
    }
  });

  it("lists for each how to see the cause, what to do and when it is over, or names the alert that does", () => {
    const lists = /Find the cause:\n- [\s\S]+\n\nDo:\n- [\s\S]+\n\nIt is over when:\n- /;
    const incomplete = entries.filter((entry) => !lists.test(entry) && !/See \[[^\]]+\]\(#/.test(entry));
    expect(incomplete).toEqual([]);
    for (const [, id] of runbook.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(`${file}#${id}`);
  });

  it("has no heading for an alert that does not exist", () => {
    const known = new Set(keysInSource().map(runbookOf));
    const unknown = [...anchors].filter((place) => !known.has(place) && !/#Ragfood/.test(place));
    expect(unknown).toEqual([]);
  });
});
