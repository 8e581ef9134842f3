import type { Control, Side, Stage } from "../state/cutover/rows.ts";

/** The cutover in the status of a service: what the dashboard follows live. `/api/cutover` has the rest. */
export interface CutoverSectionDetails {
  readonly stage: Stage;
  readonly leader: Side;
  /** The leader is changing: writes are queued. */
  readonly isHeld: boolean;
  readonly isPaused: boolean;
  /** Share of the questions that the target answers, 0 to 1; only in `canary`. */
  readonly canaryShare: number | null;
  /** What the follower lacks; `null` if nothing is copied. */
  readonly lag: { readonly records: number; readonly seconds: number } | null;
  /** Writes that the leading store has not received yet. */
  readonly queued: number;
  /** Live processes. */
  readonly processes: number;
}

/** What the details show of an overview of the cutover (`CutoverOverview`). */
interface Overview {
  readonly control: Control;
  readonly lag: { readonly records: number; readonly seconds: number };
  readonly marks: { readonly queued: number };
  readonly processes: readonly unknown[];
  readonly pause?: unknown;
}

export function sectionDetailsOf({ control, lag, marks, processes, pause }: Overview): CutoverSectionDetails {
  return {
    stage: control.stage,
    leader: control.leader,
    isHeld: control.hold !== undefined,
    isPaused: pause !== undefined,
    canaryShare: control.stage === "canary" ? control.canaryPercent / 100 : null,
    lag: control.isRecording ? { records: lag.records, seconds: lag.seconds } : null,
    queued: marks.queued,
    processes: processes.length,
  };
}
