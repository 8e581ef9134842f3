/** A process that opens an index that is there, asks it, and says how long that took and what it holds. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { VectorIndex } from "../../dist/embedded/index.js";
import type { SimilarityFunction } from "../../dist/embedded/settings.js";

export interface ReopenJob {
  readonly directory: string;
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  readonly question: readonly number[];
  /** Ignore the side files of the database. */
  readonly rebuild?: boolean;
}

export interface Reopened {
  readonly isRebuilt: boolean;
  /** From before the index is opened to its first answer. */
  readonly firstMilliseconds: number;
  readonly secondMilliseconds: number;
  readonly residentBytes: number;
}

const questionsAsked = 100;

const job = JSON.parse(process.argv[2] ?? "") as ReopenJob;
const path = join(job.directory, "index.sqlite");
if (job.rebuild) rmSync(`${path}.mirror-1`, { force: true });
const { dimension, similarity } = job;
const dense = Float32Array.from(job.question);
const began = performance.now();
const index = VectorIndex.open({
  path,
  settings: {
    type: "DENSE",
    dimension,
    similarityFunction: similarity,
    embeddingModel: "",
    sparseEmbeddingModel: "",
  },
});
await ask();
const first = performance.now();
await ask();
const second = performance.now();
for (let asked = 2; asked < questionsAsked; asked++) await ask();
const reopened: Reopened = {
  isRebuilt: job.rebuild ?? false,
  firstMilliseconds: first - began,
  secondMilliseconds: second - first,
  residentBytes: process.memoryUsage().rss,
};
console.log(JSON.stringify(reopened));
index.close();

async function ask(): Promise<void> {
  await index.query(
    "",
    { dense, sparse: undefined, topK: 10, filter: undefined, weightByFrequency: false, fusion: "RRF" },
    { metadata: true },
  );
}
