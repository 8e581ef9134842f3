/**
 * Dense search as users of the index meet it: records on disk, filters in the filter language, exact results
 * found apart. `npm run bench:dense -- --rows 100000 --dimension 1024`. Every query is followed by one pass
 * over as many bytes as the int8 codes have, so that both feel the same load.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseFilter } from "../../dist/embedded/filter/index.js";
import { VectorIndex } from "../../dist/embedded/index.js";
import type { SimilarityFunction } from "../../dist/embedded/settings.js";
import { waitForBackground } from "./background.ts";
import { MemoryPass } from "./memory-pass.ts";
import type { Reopened, ReopenJob } from "./reopen.ts";
import { printMachine, quantile } from "./report.ts";
import { Data, type DataSettings, type FilterName, filters } from "./rivals/data.ts";
import { findTruth, recall, type Truth } from "./rivals/truth.ts";

const { values: settings } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    dimension: { type: "string", default: "1024" },
    queries: { type: "string", default: "200" },
    data: { type: "string", default: "clustered,iid" },
    similarity: { type: "string", default: "COSINE" },
    directory: { type: "string", default: tmpdir() },
  },
});
const rowCount = Number(settings.rows);
const dimension = Number(settings.dimension);
const similarity = settings.similarity as SimilarityFunction;
const topK = 10;
const warmUpQueries = 20;
const batchRows = 1_000;

printMachine();
for (const source of settings.data.split(",")) await measure(source);

async function measure(source: string): Promise<void> {
  console.log(`\n${source}: ${rowCount} × ${dimension}, ${similarity}, top ${topK}`);
  const data: DataSettings = { source, dimension, rowCount, heldOut: Number(settings.queries) };
  const questions = new Data(data).heldOut;
  const truth = findTruth(data, questions, topK, similarity);
  const directory = mkdtempSync(join(settings.directory, "ragfood-bench-"));
  const job: ReopenJob = { directory, dimension, similarity, question: [...(questions[0] as Float32Array)] };
  try {
    const index = openIndex(job);
    ingest(index, data);
    const began = performance.now();
    await ask(index, questions[0] as Float32Array, "all");
    console.log(`  built for searching in ${(performance.now() - began).toFixed(0)} ms`);
    const waited = await waitForBackground(() => ask(index, questions[0] as Float32Array, "all"));
    console.log(`  grouped in the background in ${(waited / 1_000).toFixed(1)} s`);
    const pass = new MemoryPass(rowCount * dimension);
    for (const name of Object.keys(filters) as FilterName[])
      await report(index, name, questions, truth, pass);
    index.close();
    for (const rebuild of [false, false, false, true]) printReopened(reopen({ ...job, rebuild }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function openIndex({ directory }: ReopenJob): VectorIndex {
  return VectorIndex.open({
    path: join(directory, "index.sqlite"),
    settings: {
      type: "DENSE",
      dimension,
      similarityFunction: similarity,
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
  });
}

function ingest(index: VectorIndex, settings: DataSettings): void {
  const data = new Data(settings);
  let milliseconds = 0;
  for (let first = 0; first < rowCount; first += batchRows) {
    const batch = Array.from({ length: Math.min(batchRows, rowCount - first) }, (_, place) => {
      const { vector, metadata } = data.next();
      return {
        id: `${first + place}`,
        dense: vector,
        sparse: undefined,
        metadata: JSON.stringify(metadata),
        data: undefined,
      };
    });
    const began = performance.now();
    index.upsert("", batch);
    milliseconds += performance.now() - began;
  }
  console.log(`  durable ingest ${Math.round((rowCount / milliseconds) * 1_000)} rows/s; load ${load()}`);
}

async function ask(index: VectorIndex, dense: Float32Array, name: FilterName): Promise<number[]> {
  const filter = filters[name];
  const hits = await index.query(
    "",
    {
      dense,
      sparse: undefined,
      topK,
      filter: filter && parseFilter(`${filter.field} = ${filter.value}`),
      weightByFrequency: false,
      fusion: "RRF",
    },
    { metadata: true },
  );
  return hits.map(({ record }) => Number(record.id));
}

async function report(
  index: VectorIndex,
  name: FilterName,
  questions: readonly Float32Array[],
  truth: Truth,
  pass: MemoryPass,
): Promise<void> {
  for (const question of questions.slice(0, warmUpQueries)) await ask(index, question, name);
  const times: number[] = [];
  const passes: number[] = [];
  const found: number[][] = [];
  for (const question of questions) {
    const began = performance.now();
    found.push(await ask(index, question, name));
    times.push(performance.now() - began);
    passes.push(pass.run());
  }
  const median = quantile(times, 0.5);
  const atMemorySpeed = quantile(passes, 0.5);
  console.log(
    `  ${{ all: "no filter", tenth: "filter 10 %", hundredth: "filter 1 %" }[name].padEnd(11)} p50 ${median.toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms, recall@${topK} ${recall(found, truth[name]).toFixed(4)}; int8 pass ${atMemorySpeed.toFixed(2)} ms, ratio ${(median / atMemorySpeed).toFixed(2)}; load ${load()}`,
  );
}

function reopen(job: ReopenJob): Reopened {
  const script = fileURLToPath(new URL("./reopen.js", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [script, JSON.stringify(job)], { encoding: "utf8" }));
}

function printReopened({ isRebuilt, firstMilliseconds, secondMilliseconds, residentBytes }: Reopened): void {
  console.log(
    `  ${isRebuilt ? "rebuilt from SQLite alone" : "reopened"} in a new process: first answer ${firstMilliseconds.toFixed(0)} ms, second ${secondMilliseconds.toFixed(0)} ms, resident ${(residentBytes / 1e6).toFixed(0)} MB after 100; load ${load()}`,
  );
}

function load(): string {
  return (loadavg()[0] as number).toFixed(2);
}
