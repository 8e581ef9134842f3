/**
 * The rehearsal with real parts, in full: `npm run soak:rehearsal`. docs/cutover.md says what it does.
 */
import { parseArgs } from "node:util";
import { type RehearsedFault, rehearsedFaults } from "../../src/composition/rehearsal/faults.ts";
import { chromaObstacle } from "../helpers/chroma-server.ts";
import { postgresObstacle } from "../helpers/postgres.ts";
import { type Parts, type ProcessName, processNames, startParts } from "./parts.ts";
import { type FaultResult, problemsOf, Rehearsal } from "./rehearsal.ts";
import { patientSettings, rehearsalSettings } from "./settings.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    fault: { type: "string", multiple: true },
    kill: { type: "string", multiple: true },
    foods: { type: "string", default: "765" },
    /** Requests a second. */
    rate: { type: "string", default: "50" },
    stage: { type: "string", multiple: true },
    /** The settings that a user has without choosing any. */
    defaults: { type: "boolean", default: false },
    /** For a busy machine. */
    patient: { type: "boolean", default: false },
  },
});

const obstacle = chromaObstacle ?? postgresObstacle;
if (obstacle !== undefined) {
  console.error(`The rehearsal was not run: ${obstacle}`);
  process.exit(1);
}
// The processes end with this one.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const chosen = values.fault ?? (values.kill ? [] : rehearsedFaults);
const killed = values.kill ?? (values.fault ? [] : processNames);
const stages = values.stage ?? ["canary", "target"];
const environment = values.defaults
  ? { CUTOVER_FAST_ENOUGH_MS: "100" }
  : { ...rehearsalSettings(Number(values.rate)), ...(values.patient && patientSettings) };
const problems: string[] = [];
const results: FaultResult[] = [];
/** One row for each kill in a stage, and for all at the changes. */
const kills: string[] = [];

for (let round = 0; round < Number(values.rounds); round++) {
  if (chosen.length > 0) await withParts(sufferAll);
  for (const name of killed) await withParts((rehearsal) => killEverywhere(rehearsal, name as ProcessName));
}
console.log(
  "\n| stage | fault | rules | rule after s | reads to the target for s more | source led after s | requests | failed |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const { stage, fault, rules, ruleSeconds, switchSeconds, leadsSeconds, seen } of results) {
  const failed = seen.failedReads + seen.failedWrites;
  const seconds = [ruleSeconds, switchSeconds, leadsSeconds].map((value) => value.toFixed(1)).join(" | ");
  console.log(
    `| ${stage} | ${fault} | ${rules.join(", ")} | ${seconds} | ${seen.reads + seen.writes} | ${failed} |`,
  );
}
if (kills.length > 0) {
  console.log("\n| process | stage | settled after s |\n| --- | --- | --- |");
  for (const row of kills) console.log(row);
}
for (const problem of problems) console.log(`PROBLEM: ${problem}`);
console.log(
  problems.length === 0 ? "The rehearsal passed." : `The rehearsal failed: ${problems.length} problems.`,
);
process.exit(problems.length === 0 ? 0 : 1);

async function withParts(run: (rehearsal: Rehearsal, parts: Parts) => Promise<void>): Promise<void> {
  const parts = await startParts({ root: process.cwd(), foods: Number(values.foods), environment });
  try {
    const rehearsal = new Rehearsal(parts, Number(values.rate), console.log);
    rehearsal.client.start();
    await run(rehearsal, parts);
    problems.push(...(await rehearsal.check()));
    for (const [phase, seen] of rehearsal.client.phases)
      console.log(`          ${phase}: ${JSON.stringify(seen)}`);
  } finally {
    await parts.close();
  }
}

async function sufferAll(rehearsal: Rehearsal): Promise<void> {
  for (const stage of stages) {
    for (const fault of chosen) {
      await rehearsal.reach(stage as "canary" | "target");
      const result = await rehearsal.suffer(fault as RehearsedFault);
      results.push(result);
      problems.push(...problemsOf(result));
    }
  }
  await rehearsal.reach("target");
}

/** `kill -9` in each stage, then at each transition, of the way there and of the way back. */
async function killEverywhere(rehearsal: Rehearsal, name: ProcessName): Promise<void> {
  await rehearsal.reach("target", async (stage) => {
    const seconds = await rehearsal.crashAndSettle(name);
    kills.push(`| ${name} | ${stage} | ${seconds.toFixed(1)} |`);
  });
  await rehearsal.act("rollback", { reason: "rehearsal" });
  await rehearsal.crash(name);
  await rehearsal.until("a source that leads", async () => {
    const { stage, isHeld } = await rehearsal.cutover();
    return stage === "source" && !isHeld;
  });
  const started = performance.now();
  await rehearsal.reachKillingAtTransitions("target", name);
  kills.push(
    `| ${name} | each change, until target leads | ${((performance.now() - started) / 1_000).toFixed(1)} |`,
  );
}
