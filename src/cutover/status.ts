import type {
  Control,
  FailedRecords,
  Heartbeat,
  HistoryEntry,
  MarkCounts,
  ParkedWrite,
} from "../state/cutover/rows.ts";
import type { Protocol } from "./rules/protocol.ts";

/** A cutover as of one transaction. Times are milliseconds since 1970 by the state store's clock. */
export interface CutoverStatus {
  readonly control: Control;
  readonly at: number;
  readonly marks: MarkCounts;
  readonly lag: {
    /** Records of the follower that differ from the leader's, or may. */
    readonly records: number;
    /** Seconds since the first write that the follower lacks; 0 if it lacks none. */
    readonly seconds: number;
    /** Seconds since the first queued write, which the leader lacks; 0 without one. */
    readonly queuedSeconds: number;
  };
  /** Live processes. */
  readonly processes: readonly Heartbeat[];
  /** Records whose last copies or writes failed, by reason, most records first; at most 20 reasons. */
  readonly failing: readonly FailedRecords[];
  /** Writes that a store refused for good, or that are damaged, without their content; at most 20. */
  readonly parked: readonly ParkedSummary[];
  readonly parkedCount: number;
}

export type ParkedSummary = Omit<ParkedWrite, "operation">;

const mostListed = 20;

/** @throws {StateError} */
export function cutoverStatus({ transaction }: Protocol): Promise<CutoverStatus> {
  return transaction(
    async (rows) => {
      const at = await rows.now();
      const marks = await rows.countMarks();
      const secondsSince = (opened: number | undefined) =>
        opened === undefined ? 0 : Math.max(0, at - opened) / 1_000;
      return {
        control: await rows.control(),
        at,
        marks,
        lag: {
          records: marks.open + marks.settled + marks.queued,
          seconds: secondsSince((await rows.firstMark())?.opened),
          queuedSeconds: secondsSince((await rows.firstMark("queued"))?.opened),
        },
        processes: (await rows.heartbeats()).filter(({ expires }) => expires > at),
        failing: await rows.failures(mostListed),
        parked: (await rows.parked(mostListed)).map(({ operation: _, ...summary }) => summary),
        parkedCount: await rows.countParked(),
      };
    },
    { readOnly: true },
  );
}

/** The last changes, newest first. @throws {StateError} */
export function cutoverHistory({ transaction }: Protocol, limit: number): Promise<HistoryEntry[]> {
  return transaction(async (rows) => rows.history(limit), { readOnly: true });
}
