/**
 * Dense search, measured on the built package: `npm run bench:dense -- --rows 100000 --dimension 1024`.
 * The exact vectors lie in SQLite, as they do in an index. Every query is followed by one pass over as
 * many bytes as the int8 codes have, so that both feel the same load.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, freemem, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DenseVectors } from "../../dist/embedded/index/dense.js";
import { TopK } from "../../dist/embedded/index/top-k.js";
import type { SimilarityFunction } from "../../dist/embedded/settings.js";
import { Storage } from "../../dist/embedded/storage/storage.js";
import { MemoryPass } from "./memory-pass.ts";
import { residentBytes } from "./resident-job.ts";
import { clustered, stretched, uniform, unstructured } from "./vectors.ts";

const { values: settings } = parseArgs({
  options: {
    rows: { type: "string", default: "100000" },
    dimension: { type: "string", default: "1024" },
    queries: { type: "string", default: "200" },
    data: { type: "string", default: "clustered,iid" },
    similarity: { type: "string", default: "COSINE" },
    "bits-only": { type: "boolean", default: false },
    directory: { type: "string", default: tmpdir() },
  },
});
const rowCount = Number(settings.rows);
const dimension = Number(settings.dimension);
const queryCount = Number(settings.queries);
const similarity = settings.similarity as SimilarityFunction;
const byteCodes = !settings["bits-only"];
const k = 10;
const warmUpQueries = 20;
const batchRows = 500;
const shares = [1, 0.1, 0.01];

const sources: Record<string, () => () => Float32Array> = {
  clustered: () => clustered(dimension, 1),
  iid: () => unstructured(dimension, 2),
  "clustered, norms 0.5 to 2": () => stretched(clustered(dimension, 1), 3),
  "iid, norms 0.5 to 2": () => stretched(unstructured(dimension, 2), 3),
};

console.log(`${cpus().length} × ${cpus()[0]?.model}, ${gigabytes(totalmem())} GB, Node ${process.version}`);
console.log(`load ${load()}, free ${gigabytes(freemem())} GB`);
console.log(
  `${rowCount} × ${dimension}, ${similarity}, ${byteCodes ? "bits and int8" : "bits only"}, top ${k}`,
);
for (const name of settings.data.split(",")) measure(name, (sources[name] as () => () => Float32Array)());

function measure(name: string, next: () => Float32Array): void {
  console.log(`\n${name}`);
  const directory = mkdtempSync(join(settings.directory, "ragfood-bench-"));
  const database = join(directory, "index.sqlite");
  const storage = new Storage(database);
  try {
    const queries = Array.from({ length: queryCount }, next);
    const masks = shares.map(maskOf);
    const { vectors, truths } = ingest(storage, next, queries, masks);
    const pass = new MemoryPass(rowCount * Math.ceil(dimension / 16) * 16);
    for (const [place, share] of shares.entries()) {
      report(share, vectors, queries, masks[place] as Uint8Array, truths[place] as TopK[], pass);
    }
    const codes = join(directory, "codes");
    const job = { database, codes, dimension, similarity, byteCodes, queryCount, k };
    console.log(
      `  resident ${megabytes(residentBytes(vectors, job))} MB in a process that only opens it and searches`,
    );
  } finally {
    storage.close();
    rmSync(directory, { recursive: true });
  }
}

/** Stores and encodes every row, and finds the true results of every query under every mask. */
function ingest(
  storage: Storage,
  next: () => Float32Array,
  queries: Float32Array[],
  masks: Uint8Array[],
): { vectors: DenseVectors; truths: TopK[][] } {
  const vectors = new DenseVectors({
    dimension,
    similarity,
    byteCodes,
    readVector: (row) => storage.readDense(row + 1),
  });
  const truths = masks.map(() => queries.map(() => new TopK(k)));
  let encodingMs = 0;
  let storingMs = 0;
  for (let first = 0; first < rowCount; first += batchRows) {
    const batch = Array.from({ length: Math.min(batchRows, rowCount - first) }, next);
    const began = performance.now();
    for (const vector of batch) vectors.push(vector);
    const encoded = performance.now();
    storage.write("", (writer) => {
      for (const [place, dense] of batch.entries()) {
        writer.put({
          id: String(first + place),
          dense,
          sparse: undefined,
          metadata: undefined,
          data: undefined,
        });
      }
    });
    encodingMs += encoded - began;
    storingMs += performance.now() - encoded;
    for (const [place, vector] of batch.entries()) offer(truths, masks, queries, first + place, vector);
  }
  console.log(
    `  encoding ${perSecond(encodingMs)} rows/s, storing ${perSecond(storingMs)} rows/s, codes ${megabytes(vectors.byteLength)} MB`,
  );
  return { vectors, truths };
}

function offer(
  truths: TopK[][],
  masks: Uint8Array[],
  queries: Float32Array[],
  row: number,
  vector: Float32Array,
): void {
  const norm = product(vector, vector);
  for (const [place, query] of queries.entries()) {
    const dot = product(query, vector);
    const value =
      similarity === "COSINE" ? dot / Math.sqrt(norm) : similarity === "EUCLIDEAN" ? 2 * dot - norm : dot;
    for (const [mask, truth] of truths.entries()) {
      if (masks[mask]?.[row] === 1) truth[place]?.offer(row, value);
    }
  }
}

/** In double precision, four sums at a time. */
function product(left: Float32Array, right: Float32Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  let place = 0;
  for (; place + 3 < left.length; place += 4) {
    first += left[place]! * right[place]!;
    second += left[place + 1]! * right[place + 1]!;
    third += left[place + 2]! * right[place + 2]!;
    fourth += left[place + 3]! * right[place + 3]!;
  }
  for (; place < left.length; place++) first += left[place]! * right[place]!;
  return first + second + third + fourth;
}

function maskOf(share: number): Uint8Array {
  const random = uniform(4);
  return Uint8Array.from({ length: rowCount }, () => (random() < share ? 1 : 0));
}

function report(
  share: number,
  vectors: DenseVectors,
  queries: Float32Array[],
  mask: Uint8Array,
  truths: TopK[],
  pass: MemoryPass,
): void {
  for (const query of queries.slice(0, warmUpQueries)) vectors.search(query, k, mask);
  const times: number[] = [];
  const passTimes: number[] = [];
  let found = 0;
  let wanted = 0;
  for (const [place, query] of queries.entries()) {
    const began = performance.now();
    const results = vectors.search(query, k, mask);
    times.push(performance.now() - began);
    passTimes.push(pass.run());
    const truth = new Set(truths[place]?.sorted().map(({ row }) => row));
    wanted += truth.size;
    found += results.filter(({ row }) => truth.has(row)).length;
  }
  const [median, slow, atMemorySpeed] = [
    quantile(times, 0.5),
    quantile(times, 0.99),
    quantile(passTimes, 0.5),
  ];
  console.log(
    `  ${`${share * 100} %`.padStart(5)} of the rows: p50 ${median.toFixed(2)} ms, p99 ${slow.toFixed(2)} ms, recall@${k} ${(found / wanted).toFixed(4)}; int8 pass ${atMemorySpeed.toFixed(2)} ms, ratio ${(median / atMemorySpeed).toFixed(2)}; load ${load()}`,
  );
}

function quantile(times: number[], part: number): number {
  const sorted = times.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(" ");
}

function perSecond(milliseconds: number): number {
  return Math.round((rowCount / milliseconds) * 1_000);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function gigabytes(bytes: number): number {
  return Math.round(bytes / 1e9);
}
