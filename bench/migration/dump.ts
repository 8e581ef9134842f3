/**
 * How fast records go into a dump and out of it, and what memory that takes: each pass in a separate process, at two
 * counts, to show memory that grows with the count. `npm run bench:dump`.
 *
 * `node .bench/migration/dump.js 100000` for one count.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contentHash } from "../../dist/migration/content-hash.js";
import { printMachine } from "../index/report.ts";
import { type DumpPass, type DumpPassResult, dumpDimension, syntheticRecords } from "./dump-pass.ts";

const counts = process.argv[2] === undefined ? [10_000, 100_000] : [Number(process.argv[2])];
const formats = ["jsonl", "parquet"] as const;

printMachine();
measureHash();
for (const format of formats) {
  for (const isEncrypted of [false, true]) {
    for (const count of counts) measure(format, isEncrypted, count);
  }
}

/** The content hash alone: the bar is 30,000 records/s. */
function measureHash(): void {
  const [batch = []] = syntheticRecords(1_000);
  const began = performance.now();
  for (let pass = 0; pass < 50; pass++) for (const record of batch) contentHash(record);
  const seconds = (performance.now() - began) / 1000;
  console.log(`content hash, ${dumpDimension} dimensions: ${rate(50_000, seconds)}`);
}

/** Writing, reading and checking one dump: the bar is 8,000 records/s for JSON Lines, each way. */
function measure(format: DumpPass["format"], isEncrypted: boolean, count: number): void {
  const parent = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
  try {
    for (const action of ["write", "read", "check"] as const) {
      const { seconds, processorSeconds, residentBytes, byteCount } = runPass({
        action,
        format,
        isEncrypted,
        count,
        directory: join(parent, "dump"),
      });
      const memory = `${(residentBytes / 2 ** 20).toFixed(0)} MiB resident at most`;
      const size = byteCount === 0 ? "" : `, ${(byteCount / count).toFixed(0)} bytes a record`;
      const name = `${format}${isEncrypted ? " encrypted" : ""} ${action} ${count.toLocaleString("en")}`;
      const processor = `${processorSeconds.toFixed(1)} s of processor`;
      console.log(`${name.padEnd(34)} ${rate(count, seconds)}, ${processor}, ${memory}${size}`);
    }
  } finally {
    rmSync(parent, { recursive: true });
  }
}

function runPass(pass: DumpPass): DumpPassResult {
  const script = fileURLToPath(new URL("./dump-pass.js", import.meta.url));
  const output = execFileSync(process.execPath, [script, JSON.stringify(pass)], { encoding: "utf8" });
  return JSON.parse(output) as DumpPassResult;
}

function rate(count: number, seconds: number): string {
  return `${Math.round(count / seconds).toLocaleString("en")} records/s`;
}
