/**
 * How fast a Chroma directory is read, and in how much memory:
 *
 *   npm run bench:read-directory -- [records, by default 10000 and 100000]
 *
 * Writes directories of 1,024-dimensional records, of which the HNSW files hold nine in ten and the write-ahead
 * queue the rest; then reads each in a separate process, without the inventory and without a target.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printMachine } from "../index/report.ts";
import type { ReadJob, ReadReport } from "./read-job.ts";

const megabyte = 2 ** 20;

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];
const writer = fileURLToPath(new URL("./writer.js", import.meta.url));
const reader = fileURLToPath(new URL("./reader.js", import.meta.url));

printMachine();
for (const count of counts) {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
  try {
    const path = join(directory, "chroma_db");
    execFileSync(process.execPath, [writer, path, String(count)], { stdio: "inherit" });
    for (const includeVectors of [true, false]) {
      const job: ReadJob = { path, includeVectors };
      const report = JSON.parse(
        execFileSync(process.execPath, [reader, JSON.stringify(job)], { encoding: "utf8" }),
      ) as ReadReport;
      print(count, includeVectors, report);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(count: number, includeVectors: boolean, report: ReadReport): void {
  const { records, openSeconds, readSeconds, readCpuSeconds, startBytes, halfwayBytes, peakBytes } = report;
  if (records !== count) throw new Error(`${records} records were read of ${count}`);
  const memory = [startBytes, halfwayBytes, peakBytes].map((bytes) => (bytes / megabyte).toFixed(0));
  console.log(
    `${count.toLocaleString("en")} records ${includeVectors ? "with" : "without"} vectors: ` +
      `${Math.round(count / readSeconds).toLocaleString("en")} records/s ` +
      `(${Math.round(count / (openSeconds + readSeconds)).toLocaleString("en")} with the check at opening, ${openSeconds.toFixed(2)} s; ` +
      `${Math.round(count / readCpuSeconds).toLocaleString("en")} a second of processor time); ` +
      `resident ${memory[0]} MB at start, ${memory[1]} MB halfway, ${memory[2]} MB at most`,
  );
}
