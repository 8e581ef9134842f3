export { type Emulator, type EmulatorOptions, indexFile, startEmulator } from "./emulator.ts";
export { checkEmbedders, type IndexEmbedders } from "./index/texts.ts";
export { VectorIndex, type VectorIndexOptions } from "./index/vector-index.ts";
export { EmbeddedRequester } from "./protocol/requester.ts";
export { defaultSettings, type IndexSettings, type IndexType, type SimilarityFunction } from "./settings.ts";
