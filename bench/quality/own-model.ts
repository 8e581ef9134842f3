/**
 * The benefit of a small custom model: word vectors trained here on the foods' and USDA's texts, averaged
 * by idf, fused convexly with BM25. `npm run bench:own-model`. The
 * weight is chosen on the tune split; the test split and NFCorpus dev show what it is worth.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { tokenize } from "../../dist/embedding/tokenizer.js";
import {
  figure,
  type JudgedQuery,
  mean,
  ndcg,
  pairedTest,
  readBeirQueries,
  readGoldenQuestions,
  table,
} from "../../dist/evaluation/index.js";
import { dot, trainWordVectors } from "./cooccurrence.ts";
import { foodsFile, withRecords } from "./measure.ts";

interface TextRecord {
  readonly id: string;
  readonly text: string;
}

/** Scores of one query, best 1, by id. */
type Scores = ReadonlyMap<string, number>;

const { values: settings } = parseArgs({
  options: {
    data: { type: "string", default: "../shared/data" },
    dimensions: { type: "string", default: "64,128,256" },
  },
});

const weights = [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1];

const foods = (JSON.parse(readFileSync(foodsFile, "utf8")) as (TextRecord & { name: string })[]).map(
  ({ id, name, text, ...fields }) => ({
    id,
    text: `${name} ${text} ${Object.values(fields).flat().join(" ")}`,
  }),
);
const usda = readLines(join(settings.data, "usda-sr28.jsonl.gz")).map(
  ({ text }) => String(text).split(" Per 100 g")[0],
);
const training = [...foods.map(({ text }) => text), ...usda].map((text) => tokenize(text ?? ""));
console.log(
  `Trained on ${foods.length} foods and ${usda.length} texts of USDA, ${training.flat().length} words.`,
);

const golden = (await readGoldenQuestions("data/golden-queries.json")).filter(
  ({ declined, history }) => !declined && history.length === 0,
);
const queriesOf = (split: string): JudgedQuery[] =>
  golden
    .filter((question) => question.split === split)
    .map(({ id, question, relevant }) => ({
      id,
      text: question,
      judgements: new Map([...relevant].map((record) => [record, 1])),
    }));
const nfcorpus = join(settings.data, "nfcorpus");
const collections: { name: string; records: TextRecord[]; queries: JudgedQuery[] }[] = [
  { name: "golden tune", records: foods, queries: queriesOf("tune") },
  { name: "golden test", records: foods, queries: queriesOf("test") },
  ...(existsSync(nfcorpus)
    ? [
        {
          name: "NFCorpus dev",
          records: readLines(join(nfcorpus, "corpus.jsonl.gz")).map(({ _id, title, text }) => ({
            id: String(_id),
            text: `${title} ${text}`,
          })),
          queries: await readBeirQueries(
            join(nfcorpus, "queries.jsonl.gz"),
            join(nfcorpus, "qrels-dev.tsv.gz"),
          ),
        },
      ]
    : []),
];

const lexical = new Map<string, Scores[]>();
for (const { name, records, queries } of collections) {
  lexical.set(
    name,
    await withRecords(records, async ({ store }) => {
      const scores: Scores[] = [];
      for (const { text } of queries) {
        const matches = await store.query({ text, topK: Math.min(1_000, records.length) });
        scores.push(normalized(matches.map(({ id, score }) => [id, score])));
      }
      return scores;
    }),
  );
}

const rows: string[][] = [];
for (const dimension of settings.dimensions.split(",").map(Number)) {
  const vectors = trainWordVectors(training, { dimension, window: 8, minimumCount: 2 });
  const byCollection = collections.map((collection) => ({
    ...collection,
    dense: denseScores(collection.records, collection.queries, vectors),
  }));
  let chosen = 0;
  let best = 0;
  for (const { name, queries, dense } of byCollection) {
    const gains = weights.map((weight) =>
      queries.map((query, place) =>
        quality(query, (lexical.get(name) as Scores[])[place] as Scores, dense[place] as Scores, weight),
      ),
    );
    const means = gains.map((each) => mean(each));
    if (name === "golden tune") {
      best = Math.max(...means);
      chosen = means.indexOf(best);
    }
    const test = pairedTest(
      (gains[chosen] as number[]).map((value, place) => value - ((gains[0] as number[])[place] as number)),
    );
    rows.push([
      String(dimension),
      name,
      ...means.map((value) => figure(value, 3)),
      `${weights[chosen]}: ${test.meanDifference >= 0 ? "+" : ""}${figure(test.meanDifference)} (p = ${test.pValue.toFixed(3)})`,
    ]);
  }
}
console.log(
  `\nnDCG@10 by weight of the model (0: BM25 alone, 1: the model alone)\n\n${table(["dimension", "queries", ...weights.map(String), "at the weight of tune"], rows).join("\n")}`,
);

function readLines(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  return gunzipSync(readFileSync(file))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function normalized(scores: readonly (readonly [id: string, score: number])[]): Scores {
  const top = Math.max(...scores.map(([, score]) => score), Number.MIN_VALUE);
  return new Map(scores.map(([id, score]) => [id, Math.max(0, score) / top]));
}

/** Texts as averages of their words' vectors, weighted by idf, without their common direction (Arora et al. 2017). */
function denseScores(
  records: readonly TextRecord[],
  queries: readonly JudgedQuery[],
  vectors: ReadonlyMap<string, Float64Array>,
): Scores[] {
  const words = records.map(({ text }) => tokenize(text));
  const frequency = new Map<string, number>();
  for (const each of words)
    for (const word of new Set(each)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const idf = (word: string) => Math.log(1 + records.length / (1 + (frequency.get(word) ?? 0)));
  const raw = words.map((each) => average(new Set(each), vectors, idf));
  const common = direction(raw);
  const texts = raw.map((vector) => without(vector, common));
  return queries.map(({ text }) => {
    const query = without(average(new Set(tokenize(text)), vectors, idf), common);
    return normalized(records.map(({ id }, place) => [id, dot(query, texts[place] as Float64Array)]));
  });
}

function average(
  words: ReadonlySet<string>,
  vectors: ReadonlyMap<string, Float64Array>,
  weightOf: (word: string) => number,
): Float64Array {
  const sum = new Float64Array(vectors.values().next().value?.length ?? 0);
  for (const word of words) {
    const vector = vectors.get(word);
    if (vector === undefined) continue;
    const weight = weightOf(word);
    for (let place = 0; place < sum.length; place++) {
      sum[place] = (sum[place] as number) + weight * (vector[place] as number);
    }
  }
  return scaled(sum);
}

function scaled(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}

function direction(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let place = 0; place < sum.length; place++) {
      sum[place] = (sum[place] as number) + (vector[place] as number);
    }
  }
  return scaled(sum);
}

function without(vector: Float64Array, common: Float64Array): Float64Array {
  const share = dot(vector, common);
  return scaled(vector.map((value, place) => value - share * (common[place] as number)));
}

function quality({ judgements }: JudgedQuery, sparse: Scores, dense: Scores, weight: number): number {
  const ids = new Set([...sparse.keys(), ...dense.keys()]);
  const ranked = [...ids]
    .map((id) => [id, (1 - weight) * (sparse.get(id) ?? 0) + weight * (dense.get(id) ?? 0)] as const)
    .sort(([, left], [, right]) => right - left)
    .slice(0, 10)
    .map(([id]) => id);
  return ndcg(ranked, judgements, 10) ?? 0;
}
