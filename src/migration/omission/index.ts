export { AcceptedSource, type AcceptedSourceOptions } from "./accepted-source.ts";
export { DroppedKeysSource, parseKeys } from "./dropped-keys.ts";
export type { Omission } from "./omission.ts";
export { refusalHash, refusalRule } from "./refusal-rule.ts";
