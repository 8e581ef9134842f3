import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readGoldenQuestions } from "../../dist/evaluation/index.js";
import { quantile } from "../index/report.ts";
import { foodsFile, type Measure, withRecords } from "./measure.ts";

interface TextRecord {
  readonly id: string;
  readonly text: string;
}

/** Passes over the questions that are measured, after one that is not: other work on the machine slows some. */
const passes = 5;

/**
 * Time of a retrieval, analysis of the question included, one question at a time, each at its fastest of five
 * passes: the golden questions on the foods and USDA's 8,789, repeated with other ids up to the size.
 *
 * @param bar milliseconds, for the median
 */
export async function measureLatency(count: number, bar: number, usdaFile: string): Promise<Measure> {
  const questions = (await readGoldenQuestions("data/golden-queries.json")).filter(
    ({ history }) => history.length === 0,
  );
  const records = recordsUpTo(count, usdaFile);
  const fastest = questions.map(() => Number.POSITIVE_INFINITY);
  await withRecords(records, async ({ engine }) => {
    for (let pass = 0; pass <= passes; pass++) {
      for (const [place, { question }] of questions.entries()) {
        const started = performance.now();
        await engine.retrieve(question);
        const time = performance.now() - started;
        if (pass > 0) fastest[place] = Math.min(time, fastest[place] as number);
      }
    }
  });
  const median = quantile(fastest, 0.5);
  return {
    name: `retrieval at ${count.toLocaleString("en")} documents, median`,
    result: `${median.toFixed(2)} ms (p95 ${quantile(fastest, 0.95).toFixed(2)}, p99 ${quantile(fastest, 0.99).toFixed(2)})`,
    bar: `≤ ${bar} ms`,
    isMet: median <= bar,
  };
}

function recordsUpTo(count: number, usdaFile: string): TextRecord[] {
  const foods: TextRecord[] = JSON.parse(readFileSync(foodsFile, "utf8"));
  const usda: TextRecord[] = existsSync(usdaFile)
    ? gunzipSync(readFileSync(usdaFile))
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as TextRecord)
    : [];
  const known = [...foods, ...usda];
  return Array.from({ length: count }, (_, place) => {
    const record = known[place % known.length] as TextRecord;
    const round = Math.floor(place / known.length);
    return round === 0
      ? record
      : { ...record, id: `${record.id}-${round}`, text: `${record.text} Lot ${round}.` };
  });
}
