import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type EvaluationReport, evaluate, figure, readBeirQueries } from "../../dist/evaluation/index.js";
import { type Measure, withRecords } from "./measure.ts";

const bar = 0.305;

/**
 * nDCG@10 on the dev queries of NFCorpus (BEIR), through the engine's retrieval, as users get it. Nothing is
 * fitted on them.
 *
 * @returns `undefined` if the folder does not hold the corpus
 */
export async function measureNfcorpus(folder: string): Promise<Measure | undefined> {
  const file = (name: string) => join(folder, name);
  if (!existsSync(file("corpus.jsonl.gz"))) return undefined;
  const records = gunzipSync(readFileSync(file("corpus.jsonl.gz")))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { _id: id, title, text }: { _id: string; title: string; text: string } = JSON.parse(line);
      return { id, title, text: text === "" ? title : text };
    });
  const queries = await readBeirQueries(file("queries.jsonl.gz"), file("qrels-dev.tsv.gz"));
  const report: EvaluationReport = await withRecords(records, ({ engine }) =>
    evaluate({ name: "engine", query: ({ text, topK }) => engine.retrieve(text, { topK }) }, queries),
  );
  const { means, ndcgInterval: interval } = report;
  return {
    name: "NFCorpus dev, nDCG@10",
    result: `${figure(means.ndcg)} (${figure(interval?.low)} to ${figure(interval?.high)}), ${report.queries.length} queries`,
    bar: `≥ ${bar}`,
    isMet: means.ndcg >= bar,
  };
}
