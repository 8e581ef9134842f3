/**
 * The rehearsal with real parts, in full: `npm run soak:rehearsal`. docs/cutover-rehearsal.md says what it does.
 */
import { parseArgs } from "node:util";
import { type RehearsedFault, rehearsedFaults } from "../../src/composition/rehearsal/faults.ts";
import { chromaObstacle } from "../helpers/chroma-server.ts";
import { postgresObstacle } from "../helpers/postgres.ts";
import { check } from "./check.ts";
import { problemsOf, suffer } from "./faults.ts";
import { killEverywhere } from "./kills.ts";
import { type ProcessName, processNames, startParts } from "./parts.ts";
import { between, Rehearsal, warmUp } from "./rehearsal.ts";
import { failureOf, type PhaseResult, resultTable, sumOf } from "./report.ts";
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

/** The row of all requests of a run. */
const everything = "all";

/** Rows whose share of failures is shown, and not judged. */
const notJudged: ReadonlySet<string> = new Set([everything, warmUp]);

const faultStages = ["canary", "target"] as const;

const obstacle = chromaObstacle ?? postgresObstacle;
if (obstacle !== undefined) fail(`The rehearsal was not run: ${obstacle}`);
const faults = chosen("fault", values.fault ?? (values.kill ? [] : rehearsedFaults), rehearsedFaults);
const killed = chosen("kill", values.kill ?? (values.fault ? [] : processNames), processNames);
const stages = chosen("stage", values.stage ?? faultStages, faultStages);
const environment = values.defaults
  ? { CUTOVER_FAST_ENOUGH_MS: "100" }
  : { ...rehearsalSettings(Number(values.rate)), ...(values.patient && patientSettings) };

/** One set of processes, from their start to the comparison of both stores. */
interface Run {
  readonly name: string;
  readonly work: (rehearsal: Rehearsal) => Promise<void>;
}

const started = performance.now();
const problems: string[] = [];
const results: PhaseResult[] = [];
const round: readonly Run[] = [
  ...(faults.length === 0 ? [] : stages.map((stage) => faultRun(stage))),
  ...killed.map((name) => killRun(name)),
];
const runs = Array.from({ length: Number(values.rounds) }, () => round).flat();

// The processes end with this one.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    problems.push("It was stopped.");
    conclude();
  });
}
for (const [place, { name, work }] of runs.entries()) {
  console.log(`Run ${place + 1} of ${runs.length}: ${name}, after ${minutes()} min.`);
  const earlier = results.length;
  try {
    await withParts(name, work);
  } catch (error) {
    problem(`${name}: ${(error as Error).message}`);
  }
  // Some requests fail long after the phase in which they began.
  for (const { what, where, seen } of results.slice(earlier)) {
    const failure = notJudged.has(where) ? undefined : failureOf(`${what} in ${where}`, seen);
    if (failure !== undefined) problem(failure);
  }
}
conclude();

function faultRun(stage: (typeof faultStages)[number]): Run {
  return {
    name: `faults in ${stage}`,
    work: async (rehearsal) => {
      for (const fault of faults) {
        const result = await suffer(rehearsal, fault as RehearsedFault, stage);
        results.push(result);
        for (const text of problemsOf(result, !values.patient)) problem(text);
      }
    },
  };
}

function killRun(name: ProcessName): Run {
  return {
    name: `kill -9 of ${name}`,
    work: (rehearsal) =>
      killEverywhere(rehearsal, name, (result, found) => {
        results.push(result);
        for (const text of found) problem(text);
      }),
  };
}

async function withParts(name: string, work: Run["work"]): Promise<void> {
  const parts = await startParts({ root: process.cwd(), foods: Number(values.foods), environment });
  try {
    const rehearsal = new Rehearsal(parts, Number(values.rate), console.log);
    const { client } = rehearsal;
    await rehearsal.warmUp();
    results.push({ what: name, where: warmUp, rules: [], seen: client.seenIn(warmUp) });
    await work(rehearsal);
    // After a rollback nothing is copied to the target.
    await rehearsal.reach("shadow-read");
    const found = await check(rehearsal);
    for (const text of found.problems) problem(`${name}: ${text}`);
    results.push({ what: name, where: "between faults", rules: [], seen: client.enter(between) });
    const all = { what: name, where: everything, rules: [], seen: sumOf(client.phases.values()) };
    results.push({ ...all, missing: found.missing });
  } finally {
    await parts.close();
  }
}

function problem(text: string): void {
  problems.push(text);
  console.log(`PROBLEM: ${text}`);
}

function conclude(): never {
  console.log(`\n${resultTable(results)}\n`);
  for (const text of problems) console.log(`PROBLEM: ${text}`);
  const end = problems.length === 0 ? "passed" : `failed: ${problems.length} problems`;
  console.log(`The rehearsal ${end}, after ${minutes()} min.`);
  process.exit(problems.length === 0 ? 0 : 1);
}

function minutes(): string {
  return ((performance.now() - started) / 60_000).toFixed(1);
}

function chosen<Name extends string>(
  option: string,
  given: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  for (const name of given) {
    if (!known.some((each) => each === name)) fail(`--${option} takes ${known.join(", ")}, and not ${name}.`);
  }
  return given as readonly Name[];
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
