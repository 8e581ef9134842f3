/**
 * Mixed load through the composition of production against a served index, with faults on the way, and checks every
 * answer: `npm run soak -- --seconds 600`. Exit code 1 if a promise was broken.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printMachine } from "../index/report.ts";
import { describe, failuresOf, loadLine } from "./report.ts";
import { type Composition, soak } from "./run.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    workers: { type: "string", default: "8" },
    faults: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const compositions: readonly Composition[] = ["direct", "fallback and queue"];

printMachine();
let failed = 0;
for (const composition of compositions.filter((name) => values.only === undefined || name === values.only)) {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-soak-"));
  try {
    const report = await soak({
      composition,
      seconds: Number(values.seconds),
      workers: Number(values.workers),
      faultRate: Number(values.faults) / 100,
      seed: Number(values.seed),
      directory,
    });
    console.log(`\n${describe(report).join("\n")}\n  ${loadLine()}`);
    const failures = failuresOf(report);
    for (const failure of failures) console.log(`  FAILED     ${failure}`);
    failed += failures.length;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
process.exitCode = failed > 0 ? 1 : 0;
