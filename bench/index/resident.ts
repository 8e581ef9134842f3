/**
 * A process that does nothing but open stored vectors with their codes and search, for dense.ts to ask
 * how much memory it holds: prints `process.memoryUsage().rss` after the last search, in bytes.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { DenseVectors } from "../../dist/embedded/index/dense.js";
import { Storage } from "../../dist/embedded/storage/storage.js";
import type { ResidentJob } from "./resident-job.ts";

const pieceBytes = 2 ** 20;

const job = JSON.parse(process.argv[2] ?? "") as ResidentJob;
const storage = new Storage(job.database);
const vectors = new DenseVectors({
  dimension: job.dimension,
  similarity: job.similarity,
  byteCodes: job.byteCodes,
  readVector: (row) => storage.readDense(row + 1),
});
vectors.restore(pieces(job.codes));
const accepted = new Uint8Array(vectors.rowCount).fill(1);
const apart = Math.max(1, Math.floor(vectors.rowCount / job.queryCount));
for (let row = 0; row < vectors.rowCount; row += apart) {
  vectors.search(storage.readDense(row + 1), job.k, accepted);
}
console.log(process.memoryUsage().rss);
storage.close();

function* pieces(path: string): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    const piece = new Uint8Array(pieceBytes);
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
