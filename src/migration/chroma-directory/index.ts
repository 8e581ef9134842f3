export { ChromaDirectory, type ChromaDirectoryOptions } from "./directory.ts";
export { PickleError } from "./pickle-error.ts";
export { ChromaDirectorySource } from "./source.ts";
export { seesWriters } from "./writers.ts";
