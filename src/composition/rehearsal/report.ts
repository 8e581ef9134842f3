import { noteOf, type RehearsedFault } from "./faults.ts";
import type { TrafficReport } from "./traffic.ts";

/** One fault: how it ended. */
export interface FaultResult {
  readonly fault: RehearsedFault;
  /** The rules that are made for this fault. */
  readonly expectedRules: readonly string[];
  /** The rules that were broken. */
  readonly rules: readonly string[];
  /** Whether one of them was expected. The rollback is as safe if not, but then it shows another trouble first. */
  readonly isFoundAsExpected: boolean;
  /** Seconds from the fault until the target answered no read any more, and until the source led. */
  readonly readsBackSeconds: number;
  /** Seconds from the rollback until the target answered no read any more; 0 if it answered none after it. */
  readonly readsSwitchSeconds: number;
  readonly leadsSeconds: number;
  /** The report of the incident, Markdown. */
  readonly report: string;
}

export interface RehearsalReport {
  readonly isPassed: boolean;
  /** Records that were copied. */
  readonly records: number;
  readonly faults: readonly FaultResult[];
  readonly traffic: Omit<TrafficReport, "acknowledged" | "uncertain"> & { readonly acknowledged: number };
  /** Acknowledged writes that one of the stores lacks when the outbox is empty. */
  readonly lost: number;
  /** Faults that were found by another rule than those made for them, a sentence each. */
  readonly notes: readonly string[];
  /** Why it has not passed, a sentence each. */
  readonly problems: readonly string[];
}

/** Share of the client's requests that may fail. */
const mostFailed = 0.01;

/**
 * Judges a rehearsal.
 * @param records that were copied
 * @param lost acknowledged writes that a store lacks
 */
export function conclude(
  records: number,
  faults: readonly FaultResult[],
  { acknowledged, uncertain: _, ...traffic }: TrafficReport,
  lost: number,
): RehearsalReport {
  const requests = traffic.reads + traffic.writes;
  const failed = traffic.failedReads + traffic.failedWrites;
  const problems: string[] = [];
  if (lost > 0) problems.push(`${lost} acknowledged writes are missing in a store.`);
  if (failed > mostFailed * requests) {
    problems.push(`${failed} of ${requests} requests of the client failed; 1 % is allowed.`);
  }
  return {
    isPassed: problems.length === 0,
    records,
    faults,
    traffic: { ...traffic, acknowledged: acknowledged.size },
    lost,
    notes: faults.flatMap(({ fault, rules }) => noteOf(fault, rules) ?? []),
    problems,
  };
}
