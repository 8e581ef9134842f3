import { UsageError } from "../../foundation/errors.ts";
import { pause } from "../../foundation/pause.ts";
import {
  type RepairEvent,
  type RepairOptions,
  type RepairReport,
  type RepairSettings,
  repairRecords,
} from "./repair.ts";
import { requireWhole } from "./settings.ts";

interface CatchUpSettings extends RepairSettings {
  /** Maximum number of rounds, 1 to 1,000. Default 10. */
  readonly rounds?: number;
  /** Milliseconds between two rounds. Default 0. */
  readonly pauseMs?: number;
}

export type CatchUpEvent =
  | RepairEvent
  | { readonly type: "catch-up-round-end"; readonly round: number; readonly report: RepairReport };

export interface CatchUpOptions extends Omit<RepairOptions, "settings" | "onEvent"> {
  readonly settings?: CatchUpSettings;
  readonly onEvent?: (event: CatchUpEvent) => void;
}

/** Result of the rounds; plain JSON. */
export interface CatchUpReport {
  /** The last round had nothing to write or to delete, and the source did not change. */
  readonly hasConverged: boolean;
  /** It has converged, and nothing differs: no extra that stays, no record that the target refuses. */
  readonly isIdentical: boolean;
  /** It has converged, and nothing differs but what is left out on request: the exit code. */
  readonly isPassed: boolean;
  readonly rounds: readonly RepairReport[];
}

/**
 * Writes what changed in the source since it was migrated: repairs round after round until one finds nothing to do,
 * or the rounds are used up. Records that were deleted in the source are deleted in the target only with
 * `deleteExtras`, and only if the migration wrote them (`wasWritten`).
 *
 * @throws {UsageError} for a setting out of range, and for `deleteExtras` without `wasWritten`
 * @throws as `repairRecords`; the work of earlier rounds stays
 */
export async function catchUp(options: CatchUpOptions): Promise<CatchUpReport> {
  const { rounds: most = 10, pauseMs = 0, ...settings } = options.settings ?? {};
  requireWhole("rounds", most, 1, 1_000);
  requireWhole("pauseMs", pauseMs, 0, 2 ** 31 - 1);
  if (settings.deleteExtras && options.wasWritten === undefined) {
    throw new UsageError("Deletions need a record of what the migration wrote.", {
      hint: "Give `wasWritten` of the import's ledger, or leave `deleteExtras` out.",
    });
  }
  const rounds: RepairReport[] = [];
  let hasConverged = false;
  while (!hasConverged && rounds.length < most) {
    if (rounds.length > 0) await pause(pauseMs, options.signal);
    const report = await repairRecords({ ...options, settings });
    rounds.push(report);
    options.onEvent?.({ type: "catch-up-round-end", round: rounds.length, report });
    hasConverged = report.sent === 0 && report.deleted === 0 && report.sourceChange === undefined;
  }
  const last = rounds.at(-1);
  return {
    hasConverged,
    isIdentical: hasConverged && last?.isIdentical === true,
    isPassed: hasConverged && last?.isPassed === true,
    rounds,
  };
}
