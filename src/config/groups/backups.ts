import {
  type Expression,
  expressionOf,
  type Group,
  optional,
  text,
  type Values,
  whole,
} from "../variables.ts";

interface BackupPlan {
  /** Where archives are kept. */
  readonly directory: string;
  readonly retentionDays: number;
  /** Directories that are backed up too, as that of a Chroma. */
  readonly directories: readonly string[];
  /** The key that encrypts backups; `undefined`: they are not encrypted. */
  readonly keyFile: string | undefined;
  readonly schedule: Expression;
  readonly drillSchedule: Expression;
}

export interface BackupSettings {
  readonly backups: BackupPlan;
  /** When stored records are read again to find damage. */
  readonly integrity: { readonly schedule: Expression; readonly sampleSize: number };
}

const variables = {
  BACKUP_DIR: optional(text),
  BACKUP_RETENTION_DAYS: optional(whole(1, 36_500)),
  BACKUP_DIRECTORIES: optional(
    text.transform((value) => value.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]))),
  ),
  BACKUP_KEY_FILE: optional(text),
  BACKUP_SCHEDULE: optional(text),
  BACKUP_DRILL_SCHEDULE: optional(text),
  INTEGRITY_SCHEDULE: optional(text),
  INTEGRITY_SAMPLE: optional(whole(1, 100_000)),
};

export const backupGroup: Group<BackupSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    backups: {
      directory: values.BACKUP_DIR ?? "backups",
      retentionDays: values.BACKUP_RETENTION_DAYS ?? 30,
      directories: values.BACKUP_DIRECTORIES ?? [],
      keyFile: values.BACKUP_KEY_FILE,
      schedule: expressionOf(values.BACKUP_SCHEDULE, "0 3 * * *"),
      drillSchedule: expressionOf(values.BACKUP_DRILL_SCHEDULE, "0 5 * * 0"),
    },
    integrity: {
      schedule: expressionOf(values.INTEGRITY_SCHEDULE, "30 * * * *"),
      sampleSize: values.INTEGRITY_SAMPLE ?? 1_000,
    },
  }),
};
