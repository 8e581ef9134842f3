export { formatJsonPath, JsonError } from "./json-error.ts";
export { isUnsafeInteger } from "./numbers.ts";
export type { ReadJsonOptions } from "./options.ts";
export { parseJson } from "./parse.ts";
export { stringifyJson } from "./stringify.ts";
export { JsonText } from "./value.ts";
