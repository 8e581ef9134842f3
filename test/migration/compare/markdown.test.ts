import { expect, it } from "vitest";
import { compare, comparisonMarkdown, leaveOneOutQueries } from "../../../src/migration/compare/index.ts";
import { filled, makeRecords } from "./stores.ts";

it("states the verdict in the first three lines, and keeps foreign text from breaking the tables (MIG-8)", async () => {
  const records = makeRecords(120, 3).map((record) => ({ ...record, text: `a | b\n<b>${record.id}</b>` }));
  const source = { store: (await filled(records, { similarityFunction: "EUCLIDEAN" })).store };
  const target = { store: (await filled(records.slice(3))).store };
  const queries = await leaveOneOutQueries(source, target, { count: 40 });
  const report = await compare({ source, target, queries, worstCount: 4 });
  const lines = comparisonMarkdown(report).split("\n");
  expect(lines[0]).toBe("# Comparison: a fault");
  expect(lines[2]).toMatch(
    /^A fault: .*the sides do not hold the same records\. The results share \d+\.\d % of their first 10 over 40 queries/,
  );
  expect(lines).toContain("| metric in effect | EUCLIDEAN | COSINE |");
  const worst = lines.filter((line) => /^\| r\d+: /.test(line));
  expect(worst).toHaveLength(4);
  expect(worst[0]).toContain("a \\| b \\<b\\>");
  for (const line of worst) expect(line.match(/(?<!\\)\|/g)).toHaveLength(6);
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({ outcome: "fault", k: 10 });
});
