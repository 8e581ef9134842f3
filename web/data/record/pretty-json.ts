import { stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { isObject } from "../records/field-catalog.ts";

/** JSON on several lines, with every number as it is stored. */
export function prettyJson(value: unknown, indent = ""): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((item) => deeper + prettyJson(item, deeper)).join(",\n")}\n${indent}]`;
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${deeper}${JSON.stringify(key)}: ${prettyJson(item, deeper)}`,
    );
    return `{\n${entries.join(",\n")}\n${indent}}`;
  }
  return stringifyJson(value);
}
