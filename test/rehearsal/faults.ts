import {
  emulatedFaults,
  isFoundAsExpected,
  noFaults,
  type RehearsedFault,
} from "../../src/composition/rehearsal/faults.ts";
import type { IncidentResponse } from "../../src/server/schemas/incidents.ts";
import type { Stage } from "../../src/state/cutover/rows.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import type { Parts } from "./parts.ts";
import { between, type Rehearsal } from "./rehearsal.ts";
import type { PhaseResult } from "./report.ts";

/** Result of one fault of the target. */
export interface FaultResult extends PhaseResult {
  /** Of the incident, in Markdown. */
  readonly report: string;
}

/** In a stage the target fails, the rules roll back, and the source leads again. */
export async function suffer(
  rehearsal: Rehearsal,
  fault: RehearsedFault,
  stage: Stage,
): Promise<FaultResult> {
  const { client, parts } = rehearsal;
  await rehearsal.warm(stage);
  const known = new Set((await rehearsal.incidents()).map(({ id }) => id));
  rehearsal.say(`The target turns ${fault}.`);
  const seen = client.enter(`${fault}, ${stage}`);
  const startedAt = Date.now();
  await cause(parts, fault);
  let incident: IncidentResponse | undefined;
  await rehearsal.until(`the rollback from a target that is ${fault}`, async () => {
    incident = (await rehearsal.incidents()).find(({ id }) => !known.has(id));
    return incident !== undefined;
  });
  const { id, openedAt } = incident as IncidentResponse;
  const rolledBackAt = Date.parse(openedAt);
  await rehearsal.until("a source that leads", async () => {
    const { stage: now, isHeld } = await rehearsal.cutover();
    return now === "source" && !isHeld;
  });
  const settledSeconds = (Date.now() - startedAt) / 1_000;
  const switchSeconds = Math.max(0, client.targetAskedAt - rolledBackAt) / 1_000;
  await parts.setFaults(noFaults);
  let closed: IncidentResponse | undefined;
  await rehearsal.until("the report of the incident", async () => {
    closed = (await rehearsal.incidents()).find((each) => each.id === id && each.closedAt !== null);
    return closed !== undefined;
  });
  client.enter(between);
  const { evidence, report } = closed as unknown as IncidentResponse;
  const result: FaultResult = {
    what: fault,
    where: stage,
    rules: (evidence as { rules: { name: string }[] }).rules.map(({ name }) => name),
    ruleSeconds: (rolledBackAt - startedAt) / 1_000,
    switchSeconds,
    settledSeconds,
    seen,
    report: report ?? "",
  };
  rehearsal.say(
    `Rolled back by ${result.rules.join(", ")} after ${result.ruleSeconds?.toFixed(1)} s; reads went to the target for ${switchSeconds.toFixed(1)} s more; the source led after ${settledSeconds.toFixed(1)} s.`,
  );
  return result;
}

async function cause({ foods, stores: { target }, setFaults }: Parts, fault: RehearsedFault): Promise<void> {
  if (fault !== "wrong") return await setFaults(emulatedFaults[fault]);
  const [record] = await target.fetch([foods[0]?.id as string], { includeVectors: true });
  await target.upsertRecords([{ ...(record as StoreRecord), text: "Altered behind the cutover." }]);
}

/** Seconds that a rollback may take (CUT-2): until reads have moved, and from the fault until the source leads. */
const longest = { switchSeconds: 2, settledSeconds: 60 } as const;

/**
 * What is wrong with the result of a fault; empty if nothing is.
 * @param isTimed whether the machine is idle enough for the durations to count
 */
export function problemsOf(result: FaultResult, isTimed: boolean): string[] {
  const { what, where, rules, report, switchSeconds = 0, settledSeconds = 0 } = result;
  const name = `${what} in ${where}`;
  const problems: string[] = [];
  if (isTimed && switchSeconds >= longest.switchSeconds) {
    problems.push(`${name}: the target answered reads for ${switchSeconds.toFixed(1)} s after the rollback`);
  }
  if (isTimed && settledSeconds >= longest.settledSeconds) {
    problems.push(`${name}: the source led only after ${settledSeconds.toFixed(1)} s`);
  }
  if (!isFoundAsExpected(what as RehearsedFault, rules)) problems.push(`${name}: rolled back by ${rules}`);
  const wanted = [
    ` rolled back in the stage ${where} on `,
    "## State of the data",
    ...rules.map((rule) => `- **${rule}**: `),
  ];
  for (const text of wanted) {
    if (!report.includes(text)) problems.push(`${name}: the report lacks "${text}"`);
  }
  return problems;
}
