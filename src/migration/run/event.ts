import type { Finding } from "../../foundation/finding.ts";
import type { DumpEvent } from "../dump/index.ts";
import type { ImportEvent } from "../import/index.ts";
import type { VerifyEvent } from "../verify/index.ts";
import type { PhaseName, Refusal } from "./phase.ts";

/** How far something long is. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly done: number;
  readonly total: number;
  readonly recordsPerSecond: number;
  /** Absent until there is a rate. */
  readonly secondsLeft?: number;
}

/** What happens during a run, for a display or a log. Texts and vectors are not in it. */
export type RunEvent =
  | { readonly type: "phase-begin"; readonly phase: PhaseName }
  /** It is done since an earlier run, and nothing that it rests on has changed. */
  | { readonly type: "phase-skip"; readonly phase: PhaseName; readonly summary: string }
  /** It has nothing to do in this migration. */
  | { readonly type: "phase-leave-out"; readonly phase: PhaseName; readonly reason: string }
  | {
      readonly type: "phase-end";
      readonly phase: PhaseName;
      readonly summary: string;
      readonly milliseconds: number;
    }
  /** Its gate is shut. */
  | ({ readonly type: "phase-refuse"; readonly phase: PhaseName } & Refusal)
  | ({ readonly type: "check"; readonly phase: PhaseName } & Finding)
  | ((ProgressEvent | ImportEvent | DumpEvent | Extract<VerifyEvent, { type: "verify-mismatch" }>) & {
      readonly phase: PhaseName;
    });
