export type { ChromaCollection } from "./collections.ts";
export { ChromaDirectory, type ChromaDirectoryOptions } from "./directory.ts";
export type { EmbeddingFunction } from "./embedding-function.ts";
export { PickleError } from "./pickle-error.ts";
export type { SchemaVersion } from "./schema.ts";
export { ChromaDirectorySource } from "./source.ts";
export type { DistanceSpace, FoundSpace } from "./space.ts";
export { seesWriters } from "./writers.ts";
