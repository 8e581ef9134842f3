export { type BackupOptions, backupDirectory } from "./backup.ts";
export { findBackup } from "./existing.ts";
export {
  type Backup,
  type BackupKind,
  type BackupRecord,
  readRecord,
  recordPath,
  writeRecord,
} from "./record.ts";
export { restoreBackup } from "./restore.ts";
export { type ReadOptions, type VerifiedBackup, verifyBackup } from "./verify.ts";
