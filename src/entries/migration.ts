/**
 * The library of migrations, `ragfood/migration`: sources, dumps, import, verification and comparison.
 *
 * @example
 * const directory = ChromaDirectory.open("chroma_db");
 * await writeDump(directory.source(directory.collection("foods")), "foods-dump");
 * directory.close();
 */
export type { Finding } from "../foundation/finding.ts";
export {
  type Backup,
  type BackupOptions,
  backupDirectory,
  restoreBackup,
  verifyBackup,
} from "../migration/backup/index.ts";
export { ChromaDirectory, type ChromaDirectoryOptions } from "../migration/chroma-directory/index.ts";
export { ChromaServerSource, type ChromaServerSourceOptions } from "../migration/chroma-server/source.ts";
export {
  type CompareOptions,
  compare,
  comparisonMarkdown,
  consistency,
  judgedQueries,
  knownQuestions,
  leaveOneOutQueries,
  probeModel,
  selfRetrieval,
  textQueries,
} from "../migration/compare/index.ts";
export {
  checkDump,
  type DumpReport,
  DumpSource,
  openDump,
  type WriteDumpOptions,
  writeDump,
} from "../migration/dump/index.ts";
export { type ImportOptions, type ImportReport, importRecords } from "../migration/import/index.ts";
export { JoinedSource, type JoinOptions } from "../migration/join/index.ts";
export { Ledger, type LedgerOptions } from "../migration/ledger/index.ts";
export type { RecordSource, RecordsOptions, SourceDescription, SourceKind } from "../migration/source.ts";
export { type Plan, type PlanOptions, planMarkdown, planMigration } from "../migration/survey/index.ts";
export {
  catchUp,
  repairRecords,
  type VerifyOptions,
  type VerifyReport,
  verifyMarkdown,
  verifyRecords,
} from "../migration/verify/index.ts";
export { UpstashStore, type UpstashStoreOptions } from "../store/upstash.ts";
