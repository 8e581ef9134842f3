export { checkDump, type DumpReport } from "./check.ts";
export { type DumpKey, indexKeyPrefix, keyHint } from "./encryption.ts";
export type { Manifest, ShardFormat } from "./manifest.ts";
export { openDump } from "./open.ts";
export { DumpSource } from "./source.ts";
export { type DumpEvent, type WriteDumpOptions, writeDump } from "./write.ts";
export { DumpWriter } from "./writer.ts";
