import { randomUUID } from "node:crypto";
import type { Side } from "../../state/cutover/rows.ts";
import type { StateDatabase } from "../../state/database.ts";
import { closeIncident, type Incident, listIncidents } from "../../state/incidents.ts";
import { type Author, type Change, changeStage } from "../rules/change.ts";
import type { Protocol } from "../rules/protocol.ts";
import { cutoverHistory, cutoverStatus } from "../status.ts";
import { type IncidentFacts, incidentReport, type TargetFault, type Validation } from "./incident-report.ts";
import type { RuleResult } from "./rules.ts";

/** Names incidents of this kind. */
const rollbackKind = "rollback";

export interface RollbackParts {
  readonly protocol: Protocol;
  readonly state: StateDatabase;
  /** What the two stores are called. */
  readonly names: Readonly<Record<Side, string>>;
  /** How the target fails at present, as this process sees it; `undefined` if it does not. Default: not known. */
  readonly targetFault?: (() => TargetFault | undefined) | undefined;
}

/**
 * Rolls back and opens an incident that says why, both in one transaction. Reads go to the source at once; the incident
 * stays open until the source leads again and was validated (`settleRollback`), or until a person closes it.
 *
 * @param rules those that are broken; empty if a person decided
 * @param options.epoch the epoch that the author saw: another change wins, and nothing is done
 * @param options.isKept whether the incident waits for a person to close it
 */
export function rollBack(
  { protocol, names, targetFault }: Pick<RollbackParts, "protocol" | "names" | "targetFault">,
  author: Author,
  rules: readonly RuleResult[],
  { epoch: seen, isKept = false }: { readonly epoch?: number | undefined; readonly isKept?: boolean } = {},
): Promise<Change> {
  const { who, reason = "" } = author;
  const fault = targetFault?.();
  return changeStage(protocol, "rollback", author, {
    holdId: randomUUID(),
    ...(seen !== undefined && { epoch: seen }),
    incident: ({ from, epoch }) => {
      const evidence: RollbackEvidence = { from, who, reason, epoch, rules, ...(fault && { fault }) };
      const title = `Rolled back from ${from}: answers come from ${names.source} again`;
      return { kind: rollbackKind, title, evidence, isKept };
    },
  });
}

interface RollbackEvidence {
  readonly from: string;
  readonly who: string;
  readonly reason: string;
  readonly epoch: number;
  readonly rules: readonly RuleResult[];
  readonly fault?: TargetFault;
}

/**
 * Ends the incident of a rollback once the source leads: validates the answers, and writes the report. Any process may
 * call it at any time.
 *
 * @param validate asks known questions; its failure is part of the report
 * @returns the incident that was ended; `undefined` without an open one, or while the source does not lead
 */
export async function settleRollback(
  { protocol, state, names }: RollbackParts,
  validate: () => Promise<Validation | undefined>,
): Promise<Incident | undefined> {
  const unreported = await state.transaction(
    (session) => listIncidents(session, { kind: rollbackKind, hasReport: false, limit: 1 }),
    { readOnly: true },
  );
  const [incident] = unreported;
  if (incident === undefined) return undefined;
  const status = await cutoverStatus(protocol);
  const { control } = status;
  if (control.leader !== "source" || control.hold || control.stage !== "source") return undefined;
  const evidence = incident.evidence as RollbackEvidence;
  const all = await cutoverHistory(protocol, 50);
  const since = all.filter(({ epoch }) => epoch >= evidence.epoch);
  // From the advance that led to the stage that was left.
  const advance = all.findIndex(({ epoch, event }) => epoch < evidence.epoch && event.startsWith("advance"));
  const history = all.slice(0, Math.max(since.length, advance + 1)).reverse();
  const facts: IncidentFacts = {
    ...evidence,
    names,
    openedAt: incident.openedAt,
    // Without a change of the leader, the source has led all the time.
    sourceLedAt: since.findLast(({ leader }) => leader === "source")?.at ?? incident.openedAt,
    endedAt: status.at,
    history,
    lag: status.lag,
    queued: status.marks.queued,
    failing: status.failing,
    parked: status.parked,
    parkedCount: status.parkedCount,
    validation: await validate().catch((error: Error) => ({ passed: 0, asked: 0, problem: error.message })),
  };
  const isEnded = await state.transaction((session) =>
    closeIncident(session, incident.id, { evidence: facts, report: incidentReport(facts) }),
  );
  return isEnded ? { ...incident, evidence: facts, report: incidentReport(facts) } : undefined;
}
