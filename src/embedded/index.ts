export type { Embedder, EmbeddingPurpose, SparseEmbedder } from "../embedding/embedder.ts";
export { type EmbedderResolver, readConfiguration } from "./configuration.ts";
export { type Emulator, type ServedAddress, type ServedIndex, startEmulator } from "./emulator.ts";
export type { EmulatedIndex, EmulatorOptions } from "./emulator-options.ts";
export type { FaultSettings } from "./fault-settings.ts";
export type { DeleteTarget, RecordChange } from "./index/changes.ts";
export type { SearchRequest } from "./index/search.ts";
export type { Hit } from "./index/searcher.ts";
export type { IndexEmbedders } from "./index/texts.ts";
export { type IndexInfo, VectorIndex, type VectorIndexOptions } from "./index/vector-index.ts";
export { IndexMemoryError, requireKernelMemory } from "./kernel/memory.ts";
export { indexFile } from "./mounts.ts";
export { Faults } from "./protocol/faults.ts";
export type { RequestLog } from "./protocol/request-log.ts";
export { EmbeddedRequester, type EmbeddedRequesterOptions } from "./protocol/requester.ts";
export type { RequestEntry } from "./request-entry.ts";
export {
  defaultLimits,
  defaultSettings,
  type IndexLimits,
  type IndexSettings,
  type IndexType,
  type SimilarityFunction,
} from "./settings.ts";
export { backupDatabase as backupIndex } from "./storage/backup.ts";
export { compactIndex } from "./storage/compact.ts";
export type { StoredRecord } from "./storage/record.ts";
export { type RepairReport, repairIndex } from "./storage/repair.ts";
export { type RestoreOptions, restoreBackup } from "./storage/restore.ts";
export type { RecordParts } from "./storage/rows.ts";
export type { PackedSparseVector } from "./storage/vectors.ts";
export { type VerifyFault, type VerifyReport, verifyFile } from "./storage/verify.ts";
export { readIndexSettings } from "./stored-settings.ts";
