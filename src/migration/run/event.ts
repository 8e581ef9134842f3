import type { Finding } from "../../foundation/finding.ts";
import type { DumpEvent } from "../dump/index.ts";
import type { ImportEvent } from "../import/index.ts";
import type { ProgressEvent } from "../progress-meter.ts";
import type { VerifyEvent } from "../verify/index.ts";
import type { GateFailure, PhaseName } from "./phase-name.ts";

/** What happens during a run, for a display or a log, without texts and vectors. */
export type RunEvent =
  | { readonly type: "phase-begin"; readonly phase: PhaseName }
  /** An earlier run did it, at `finishedAt` (ISO 8601), and its inputs are unchanged. */
  | {
      readonly type: "phase-skip";
      readonly phase: PhaseName;
      readonly summary: string;
      readonly finishedAt: string;
    }
  /** It does not apply to this migration. */
  | { readonly type: "phase-leave-out"; readonly phase: PhaseName; readonly reason: string }
  | {
      readonly type: "phase-end";
      readonly phase: PhaseName;
      readonly summary: string;
      readonly milliseconds: number;
    }
  /** Its gate is closed. */
  | ({ readonly type: "phase-refuse"; readonly phase: PhaseName } & GateFailure)
  | ({ readonly type: "check" | "finding"; readonly phase: PhaseName } & Finding)
  | ((ProgressEvent | ImportEvent | DumpEvent | Extract<VerifyEvent, { type: "verify-mismatch" }>) & {
      readonly phase: PhaseName;
    });
