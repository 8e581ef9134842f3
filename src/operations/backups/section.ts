import type { ScheduleState } from "../../state/schedules.ts";
import { isLate } from "../schedules/section.ts";
import type { StatusSection } from "../status/status.ts";
import { type BackupEntry, isGood, isRegular } from "./catalog.ts";

/**
 * Backups as a section of the status. A failed drill is worse than a failed backup: the backups that exist may be
 * worth nothing.
 *
 * @param entries as `listBackups` gives them
 * @param isNeeded whether a missing backup is a risk now, as while records move to another store
 */
export function backupSection(
  entries: readonly BackupEntry[],
  schedules: readonly ScheduleState[],
  now: number,
  isNeeded = false,
): StatusSection {
  const of = (name: string) => schedules.find((schedule) => schedule.name === name);
  const [backup, drill] = [of("backup"), of("backup-drill")];
  const newest = entries.find(isGood);
  const isStale = newest === undefined || (backup !== undefined && isLate(backup, now));
  return {
    ...judge({ newest, backup, drill, isStale, isNeeded }),
    time: newest?.createdAt ?? null,
    isStale,
    details: {
      newest: newest ?? null,
      count: entries.filter(isRegular).length,
      drill:
        drill?.last === undefined
          ? null
          : { ...drill.last, endedAt: new Date(drill.last.endedAt).toISOString() },
    },
  };
}

interface Facts {
  readonly newest: BackupEntry | undefined;
  readonly backup: ScheduleState | undefined;
  readonly drill: ScheduleState | undefined;
  readonly isStale: boolean;
  readonly isNeeded: boolean;
}

function judge({
  newest,
  backup,
  drill,
  isStale,
  isNeeded,
}: Facts): Pick<StatusSection, "condition" | "sentence"> {
  if (drill?.last?.outcome === "failed")
    return { condition: "bad", sentence: `The last restore drill failed: ${drill.last.summary}` };
  if (backup?.last?.outcome === "failed")
    return { condition: "bad", sentence: `The last backup failed: ${backup.last.summary}` };
  if (newest === undefined) {
    const sentence = "There is no verified backup yet. Make one: ragfood backup create";
    return { condition: isNeeded ? "warning" : "unknown", sentence };
  }
  const when = newest.createdAt.slice(0, 16).replace("T", " ");
  if (isStale) return { condition: "warning", sentence: `Backups are late: the newest is of ${when} UTC` };
  const proven = drill?.last === undefined ? "no restore drill yet" : "proven by a restore drill";
  return { condition: "good", sentence: `The newest backup is of ${when} UTC, verified; ${proven}` };
}
