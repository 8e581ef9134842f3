import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DenseVectors } from "../../dist/embedded/index/dense.js";
import type { SimilarityFunction } from "../../dist/embedded/settings.js";

/** What the process of resident.ts is told to open, and how often to search it. */
export interface ResidentJob {
  /** The file of the storage; row n is in slot n + 1. */
  readonly database: string;
  /** A file that holds what `save` gave. */
  readonly codes: string;
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  readonly byteCodes: boolean;
  readonly queryCount: number;
  readonly k: number;
}

/** Bytes that a process holds which opens the vectors and does nothing but search; writes `job.codes`. */
export function residentBytes(vectors: DenseVectors, job: ResidentJob): number {
  const file = openSync(job.codes, "w");
  for (const bytes of vectors.save()) writeSync(file, bytes);
  closeSync(file);
  const script = fileURLToPath(new URL("./resident.js", import.meta.url));
  return Number(execFileSync(process.execPath, [script, JSON.stringify(job)], { encoding: "utf8" }));
}
