/** A process that does nothing but read one collection, for read-directory.ts: prints a ReadReport. */
import { ChromaDirectory } from "../../dist/migration/chroma-directory/index.js";
import type { ReadJob, ReadReport } from "./read-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as ReadJob;
const startBytes = process.memoryUsage.rss();
const start = performance.now();
const directory = ChromaDirectory.open(job.path);
const opened = performance.now();
const cpuBefore = process.cpuUsage();
const source = directory.source(directory.collection("foods"));
const { recordCount } = await source.describe();
let records = 0;
let halfwayBytes = 0;
let sum = 0;
for await (const batch of source.records({ includeVectors: job.includeVectors })) {
  for (const { vector, text } of batch) sum += (vector?.[0] ?? 0) + (text?.length ?? 0);
  records += batch.length;
  if (halfwayBytes === 0 && records >= recordCount / 2) halfwayBytes = process.memoryUsage.rss();
}
const end = performance.now();
const cpu = process.cpuUsage(cpuBefore);
directory.close();
if (!Number.isFinite(sum)) throw new Error("The records hold no numbers.");
const report: ReadReport = {
  records,
  openSeconds: (opened - start) / 1_000,
  readSeconds: (end - opened) / 1_000,
  readCpuSeconds: (cpu.user + cpu.system) / 1e6,
  startBytes,
  halfwayBytes,
  // Kilobytes, on every platform.
  peakBytes: process.resourceUsage().maxRSS * 1_024,
};
console.log(JSON.stringify(report));
