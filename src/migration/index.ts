/**
 * The library of migrations, `ragfood/migration`: sources, dumps, import, verification, comparison, and the run that
 * puts them together.
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
} from "./backup/index.ts";
export { type BenchOptions, type BenchReport, bench, benchMarkdown } from "./bench/index.ts";
export {
  type ChromaCollection,
  ChromaDirectory,
  type ChromaDirectoryOptions,
  ChromaDirectorySource,
} from "./chroma-directory/index.ts";
export { describeChromaServer } from "./chroma-server/describe.ts";
export {
  ChromaServerSource,
  type ChromaServerSourceOptions,
  type SourceChange,
} from "./chroma-server/source.ts";
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
} from "./compare/index.ts";
export {
  checkDump,
  type DumpReport,
  DumpSource,
  DumpWriter,
  openDump,
  type WriteDumpOptions,
  writeDump,
} from "./dump/index.ts";
export { type ImportOptions, type ImportReport, importRecords } from "./import/index.ts";
export { JoinedSource, type JoinOptions } from "./join/index.ts";
export { Ledger, type LedgerOptions, readLedger } from "./ledger/index.ts";
export { type RecordLimits, type RecordProblem, recordProblems } from "./record-problems.ts";
export { KeyRenaming, RenamedSource, type RenameRule } from "./rename/index.ts";
export type { RecordSource, RecordsOptions, SourceDescription, SourceKind } from "./source.ts";
export {
  type CollectionInventory,
  type Plan,
  type PlanOptions,
  planMarkdown,
  planMigration,
  takeInventory,
} from "./survey/index.ts";
export {
  catchUp,
  repairRecords,
  type VerifyOptions,
  type VerifyReport,
  verifyMarkdown,
  verifyRecords,
} from "./verify/index.ts";
