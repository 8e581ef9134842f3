export { readConfiguration } from "./configuration.ts";
export { type Emulator, type ServedAddress, type ServedIndex, startEmulator } from "./emulator.ts";
export type { EmulatedIndex, EmulatorOptions } from "./emulator-options.ts";
export type { FaultSettings } from "./fault-settings.ts";

export type { IndexEmbedders } from "./index/texts.ts";
export { VectorIndex, type VectorIndexOptions } from "./index/vector-index.ts";
export { IndexMemoryError } from "./kernel/memory.ts";
export { indexFile } from "./mounts.ts";
export { Faults } from "./protocol/faults.ts";
export type { RequestLog } from "./protocol/request-log.ts";
export { EmbeddedRequester, type EmbeddedRequesterOptions } from "./protocol/requester.ts";
export type { RequestEntry } from "./request-entry.ts";
export {
  defaultLimits,
  defaultSettings,
  type IndexSettings,
  type SimilarityFunction,
} from "./settings.ts";
export { backupDatabase as backupIndex } from "./storage/backup.ts";
export { compactIndex } from "./storage/compact.ts";
export type { StoredRecord } from "./storage/record.ts";
export { repairIndex } from "./storage/repair.ts";
export { restoreBackup } from "./storage/restore.ts";
export { damagedHint } from "./storage/schema.ts";

export { verifyFile, verifyFileAside } from "./storage/verify.ts";
export { readIndexSettings } from "./stored-settings.ts";
