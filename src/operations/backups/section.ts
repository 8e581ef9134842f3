import { basename } from "node:path";
import type { ScheduleState } from "../../state/schedules.ts";
import { isLate } from "../schedules/section.ts";
import type { StatusSection } from "../status/status.ts";
import { type BackupEntry, isGood, isRegular, isSamePart, unprovenFault } from "./catalog.ts";

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
  const parts = newestOfEach(entries.filter(isGood));
  const [newest] = parts;
  const isStale = newest === undefined || (backup !== undefined && isLate(backup, now));
  return {
    ...judge({ parts, backup, drill, isStale, isNeeded, faulty: unprovenFault(entries) }),
    time: newest?.createdAt ?? null,
    isStale,
    details: {
      parts: parts.map(({ kind, source, path, createdAt, byteCount, isEncrypted }) => ({
        kind: kind === "directory" ? basename(source) : kind,
        path,
        createdAt,
        byteCount,
        isEncrypted,
      })),
      count: entries.filter(isRegular).length,
      drill:
        drill?.last === undefined
          ? null
          : { ...drill.last, endedAt: new Date(drill.last.endedAt).toISOString() },
    },
  };
}

/** The newest backup of each part. @param entries the newest first */
function newestOfEach(entries: readonly BackupEntry[]): BackupEntry[] {
  return entries.filter((entry, place) => entries.findIndex((other) => isSamePart(entry, other)) === place);
}

/** Parts are backed up one after the other. */
function hourBefore(time: string): string {
  return new Date(Date.parse(time) - 3_600_000).toISOString();
}

interface Facts {
  /** The newest first. */
  readonly parts: readonly BackupEntry[];
  readonly backup: ScheduleState | undefined;
  readonly drill: ScheduleState | undefined;
  readonly isStale: boolean;
  readonly isNeeded: boolean;
  /** A backup that could not be restored. */
  readonly faulty: BackupEntry | undefined;
}

/** What a person has to know of a backup that could not be restored. */
export function faultSentence({ fault = "", createdAt }: BackupEntry): string {
  const when = createdAt.slice(0, 16).replace("T", " ");
  return `The backup of ${when} UTC cannot be restored, and no newer one is proven: ${fault.replace(/\.$/, "")}`;
}

function judge({
  parts,
  backup,
  drill,
  isStale,
  isNeeded,
  faulty,
}: Facts): Pick<StatusSection, "condition" | "sentence"> {
  if (drill?.last?.outcome === "failed")
    return { condition: "bad", sentence: `The last restore drill failed: ${drill.last.summary}` };
  if (backup?.last?.outcome === "failed")
    return { condition: "bad", sentence: `The last backup failed: ${backup.last.summary}` };
  if (faulty !== undefined) return { condition: "bad", sentence: faultSentence(faulty) };
  const [newest] = parts;
  if (newest === undefined) {
    const sentence = "There is no verified backup yet. Make one: ragfood backup create";
    return { condition: isNeeded ? "warning" : "unknown", sentence };
  }
  const when = newest.createdAt.slice(0, 16).replace("T", " ");
  if (isStale) return { condition: "warning", sentence: `Backups are late: the newest is of ${when} UTC` };
  const isProven = drill?.last !== undefined || parts.some(({ drilledAt }) => drilledAt !== undefined);
  const proven = isProven ? "proven by a restore drill" : "no restore drill yet";
  const near = parts.filter(({ createdAt }) => createdAt >= hourBefore(newest.createdAt));
  const names = near.map(({ kind, source }) => (kind === "directory" ? basename(source) : kind));
  const sentence = `The newest backup (${names.join(", ")}) is of ${when} UTC, verified; ${proven}`;
  return { condition: "good", sentence };
}
