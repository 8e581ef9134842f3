export { type Backup, type BackupOptions, backupDirectory } from "./backup.ts";
export { findBackup } from "./existing.ts";
export type { BackedUpFile, BackupRecord } from "./record.ts";
export { restoreBackup } from "./restore.ts";
export { verifyBackup } from "./verify.ts";
