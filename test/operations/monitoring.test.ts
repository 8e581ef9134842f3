import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Metrics } from "../../src/operations/metrics/metrics.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { promtool } from "../helpers/tools.ts";

const directory = "docs/monitoring";
const rules = readFileSync(`${directory}/rules.yml`, "utf8");
const board = readFileSync(`${directory}/grafana-dashboard.json`, "utf8");

describe("the rules and the board of docs/monitoring", () => {
  it("name only metrics that /metrics has, with labels that they have", async () => {
    const metrics = new Metrics();
    metrics.families.addProcess();
    const families = await metrics.families.registry.getMetricsAsJSON();
    const names = new Set(
      families.flatMap(({ name }) => ["", "_bucket", "_count", "_sum"].map((end) => `${name}${end}`)),
    );
    const recorded = new Set(Array.from(rules.matchAll(/record: (\S+)/g), ([, name]) => name));
    const used = (text: string) => new Set(text.match(/\b(?:ragfood_|ragfood:|nodejs_|process_)[\w:]+/g));
    for (const text of [rules, board]) {
      const unknown = [...used(text)].filter((name) => !names.has(name) && !recorded.has(name));
      expect(unknown).toEqual([]);
    }
    // Every recorded rule is used.
    const unused = [...recorded].filter(
      (name) => rules.split(name as string).length + board.split(name as string).length <= 3,
    );
    expect(unused).toEqual([]);
  });

  it("take the targets from the settings of the service", () => {
    expect(rules).not.toMatch(/ratio\w* [<>] 0\.(?:001|999)|mean\w* > 0\.5/);
  });
});

describeUnless(promtool.obstacle, "promtool", () => {
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool.path as string, words, { encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  };

  it.each([
    [["check", "rules", "--lint=all", "--lint-fatal", `${directory}/rules.yml`]],
    [["check", "config", "--syntax-only", `${directory}/prometheus.yml`]],
    [["test", "rules", `${directory}/rules.test.yml`]],
  ])("promtool accepts the files: %j", (words) => {
    expect(run(...words)).toMatchObject({ status: 0 });
  });

  it("accepts the format of /metrics", async () => {
    const metrics = new Metrics({ version: "1.2.3" });
    metrics.recordRequest({ method: "POST", route: "/api/ask", status: 200, milliseconds: 1 });
    const { text } = await metrics.exposition();
    const { status, stdout, stderr } = spawnSync(promtool.path as string, ["check", "metrics"], {
      input: text,
      encoding: "utf8",
    });
    expect(`${stdout}${stderr}`).toBe("");
    expect(status).toBe(0);
  });
});
