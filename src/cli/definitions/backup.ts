import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

const archive = { name: "archive", required: true, summary: "the backup, a .tar.gz file" } as const;
const part = {
  name: "what",
  summary: "index, state, settings or a directory (default: all, with BACKUP_DIRECTORIES)",
} as const;
const into = { name: "into", summary: "the directory for backups (default: BACKUP_DIR, backups)" } as const;
const backups = {
  type: "text",
  value: "directory",
  summary: "the directory for backups (default: BACKUP_DIR, backups)",
} as const;
const keyFile = {
  type: "text",
  value: "file",
  summary: "the key of encrypted backups, one line <key id>:<32 bytes in base64> (default: BACKUP_KEY_FILE)",
} as const;

export const create = {
  name: "backup create",
  summary: "Back up the index while it serves, the state, the settings, or a directory",
  words: [part, into],
  options: {
    "key-file": keyFile,
    "include-journals": {
      type: "flag",
      summary: "accept a database that was left in the middle of a transaction, with its journal",
    },
    json,
  },
  examples: [
    ["ragfood backup create", "index, state and settings, each archive read back and compared"],
    ["ragfood backup create chroma_db", "backups/chroma_db-<time>.tar.gz"],
    ["ragfood backup create index --key-file backup.key", "an encrypted archive"],
  ],
} as const satisfies CommandDefinition;

export const list = {
  name: "backup list",
  summary: "List backups with age, size, and when each was verified",
  words: [into],
  options: { json },
  examples: [["ragfood backup list", "the newest first"]],
} as const satisfies CommandDefinition;

export const verify = {
  name: "backup verify",
  summary: "Compare every file of a backup with its hash",
  words: [archive],
  options: { "key-file": keyFile, json },
  examples: [
    ["ragfood backup verify backups/chroma_db-20260101T090000.000Z.tar.gz", "exit code 1 if it is damaged"],
  ],
} as const satisfies CommandDefinition;

export const prune = {
  name: "backup prune",
  summary: "Delete old backups; the newest verified one of each source stays",
  words: [into],
  options: {
    "keep-days": {
      type: "integer",
      minimum: 1,
      maximum: 36_500,
      summary: "delete what is older (default: BACKUP_RETENTION_DAYS, 30)",
    },
    "dry-run": { type: "flag", summary: "only list what would be deleted" },
    json,
  },
  examples: [["ragfood backup prune --dry-run", "what the retention would delete"]],
} as const satisfies CommandDefinition;

export const restore = {
  name: "backup restore",
  summary: "Restore index, state, settings or a directory to a point in time, or an archive aside",
  words: [
    { name: "what", required: true, summary: "index, state, settings, a directory, or an archive" },
    { name: "into", summary: "for an archive: the directory to create" },
  ],
  options: {
    at: {
      type: "text",
      value: "time",
      summary: "the newest backup that is not after this time, as 2026-11-30T03:00Z (default: now)",
    },
    archive: {
      type: "text",
      value: "file",
      summary: "this backup, also a copy from before a restore (default: the newest one that was asked for)",
    },
    replace: { type: "flag", summary: "put aside what exists, and restore the backup in its place" },
    backups,
    "key-file": keyFile,
    json,
  },
  examples: [
    ["ragfood backup restore index --replace", "the newest backup; the present index is put aside"],
    ["ragfood backup restore state --at 2026-11-30T03:00Z --replace", "as it was that night"],
    [
      "ragfood backup restore backups/chroma_db-20260101T090000.000Z.tar.gz chroma_restored",
      "into a directory that does not exist yet",
    ],
  ],
} as const satisfies CommandDefinition;

export const drill = {
  name: "backup drill",
  summary: "Prove the newest backups: restore each aside and compare it record by record",
  words: [part],
  options: { backups, "key-file": keyFile, json },
  examples: [["ragfood backup drill", "exit code 1 if one cannot be restored; nothing else is touched"]],
} as const satisfies CommandDefinition;
