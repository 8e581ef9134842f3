/**
 * The embedded index, `ragfood/embedded`: compatible with Upstash Vector, in process and over HTTP.
 * `docs/emulator.md` describes it with examples.
 */

export {
  backupIndex,
  compactIndex,
  defaultLimits,
  defaultSettings,
  EmbeddedRequester,
  type EmbeddedRequesterOptions,
  type EmulatedIndex,
  type Emulator,
  type EmulatorOptions,
  type FaultSettings,
  IndexMemoryError,
  type IndexSettings,
  repairIndex,
  restoreBackup,
  startEmulator,
  VectorIndex,
  type VectorIndexOptions,
  verifyFile,
} from "../embedded/index.ts";
export type { Embedder, EmbeddingPurpose, SparseEmbedder } from "../embedding/embedder.ts";
