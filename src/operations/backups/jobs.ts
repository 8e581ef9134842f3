import { describeFailure } from "../../foundation/describe-failure.ts";
import { counted } from "../../foundation/plural.ts";
import type { NamedKey } from "../../foundation/sealed-stream.ts";
import type { Job } from "../schedules/job.ts";
import { isRegular, listBackups } from "./catalog.ts";
import { createBackup } from "./create.ts";
import type { BackupPart } from "./part.ts";
import { pruneBackups } from "./prune.ts";
import { drillNewest } from "./restore.ts";

export interface BackupJobs {
  /** What is backed up; asked at each run. */
  readonly parts: () => readonly BackupPart[];
  readonly directory: string;
  readonly key?: NamedKey | undefined;
  readonly retentionDays: number;
  /** Cron expressions; `undefined`: never. */
  readonly schedule: string | undefined;
  readonly drillSchedule: string | undefined;
}

/** The jobs of backups: the daily backup, the retention, and the drill that proves the newest backups. */
export function backupJobs(options: BackupJobs): Job[] {
  const { schedule, drillSchedule } = options;
  return [
    ...(schedule === undefined ? [] : [backupJob(options, schedule), pruneJob(options, schedule)]),
    ...(drillSchedule === undefined ? [] : [drillJob(options, drillSchedule)]),
  ];
}

function backupJob({ parts, directory, key }: BackupJobs, expression: string): Job {
  return {
    name: "backup",
    expression,
    setting: "BACKUP_SCHEDULE",
    async run({ signal }) {
      const paths: string[] = [];
      await forEach(parts(), signal, async (part) => {
        paths.push((await createBackup(part, directory, { key, signal })).path);
      });
      return { summary: `${counted(paths.length, "archive")} made and compared`, details: { paths } };
    },
  };
}

function pruneJob({ directory, retentionDays }: BackupJobs, expression: string): Job {
  return {
    name: "backup-prune",
    expression,
    setting: "BACKUP_SCHEDULE",
    async run() {
      const paths = pruneBackups(directory, retentionDays).map(({ path }) => path);
      return {
        summary: `${counted(paths.length, "backup")} older than ${counted(retentionDays, "day")} deleted`,
        details: { paths },
      };
    },
  };
}

function drillJob({ parts, directory, key }: BackupJobs, expression: string): Job {
  return {
    name: "backup-drill",
    expression,
    setting: "BACKUP_DRILL_SCHEDULE",
    async run({ signal }) {
      const proven: object[] = [];
      const entries = listBackups(directory).filter(isRegular);
      await forEach(parts(), signal, async (part) => {
        // The first backup may still be to come.
        if (!entries.some(({ kind, source }) => kind === part.kind && source === part.source)) return;
        proven.push(await drillNewest(part, directory, { key, signal }));
      });
      return {
        summary:
          proven.length === 0
            ? "nothing was proven: there is no backup yet"
            : `${counted(proven.length, "backup")} restored aside and compared`,
        details: { proven },
      };
    },
  };
}

/**
 * Runs an action for each part that exists; one that fails does not stop the others.
 * @throws {Error} that names all failures
 */
async function forEach(
  parts: readonly BackupPart[],
  signal: AbortSignal,
  action: (part: BackupPart) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const part of parts) {
    if (part.obstacle() !== undefined) continue;
    try {
      await action(part);
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(`${part.name}: ${describeFailure(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
}
