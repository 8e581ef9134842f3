export { AcceptedSource, type AcceptedSourceOptions } from "./accepted-source.ts";
export { DroppedKeysSource, parseKeys } from "./dropped-keys.ts";
export { refusalRule } from "./refusal-rule.ts";
