export { type BackupOptions, backupDirectory } from "./backup.ts";
export { findBackup } from "./existing.ts";
export {
  type Backup,
  type BackupKind,
  type BackupReason,
  type BackupRecord,
  noteInRecord,
  readRecord,
  recordPath,
} from "./record.ts";
export { restoreBackup } from "./restore.ts";
export { verifyBackup } from "./verify.ts";
