import type { PhaseName } from "./phase-name.ts";
import type { PhaseState, PhaseStates } from "./state.ts";

/** What a migration has shown, one sentence each. */
export interface Proof {
  readonly records: string;
  readonly results: string;
  readonly speed: string;
}

const absent: Readonly<Record<keyof Proof, string>> = {
  records: "not verified",
  results: "not compared",
  speed: "not measured",
};

const phaseOf: Readonly<Record<keyof Proof, PhaseName>> = {
  records: "verify",
  results: "compare",
  speed: "bench",
};

export function proofOf(phases: PhaseStates): Proof {
  const sentence = (part: keyof Proof) => sentenceOf(phases[phaseOf[part]], absent[part]);
  return { records: sentence("records"), results: sentence("results"), speed: sentence("speed") };
}

/** Each with the time of its phase, since a phase may be older than the last run. */
function sentenceOf(state: PhaseState | undefined, missing: string): string {
  if (state === undefined) return missing;
  const { status, outcome, begunAt } = state;
  if (status === "skipped") return `${missing}: ${outcome.summary}`;
  const prefix = { done: "", failed: "NOT PASSED: ", stopped: "STOPPED: " }[status];
  return `${prefix}${outcome.summary} (${begunAt.slice(0, 16).replace("T", " ")} UTC)`;
}

/** One line each for records, results and speed. */
export function proofLines({ records, results, speed }: Proof): string[] {
  return [`Records: ${records}`, `Results: ${results}`, `Speed: ${speed}`];
}
