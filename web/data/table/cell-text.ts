import { JsonText, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { isObject } from "../records/field-catalog.ts";

const longestCell = 200;
/** Digits of a fraction in a cell; the record has them all. */
const shownDigits = 6;

/** The value of a field, or `undefined` if the metadata lacks it. Keys win over paths: `a.b` may be one key. */
export function fieldValue(metadata: unknown, path: string): unknown {
  if (!isObject(metadata)) return undefined;
  if (Object.hasOwn(metadata, path)) return metadata[path];
  const dot = path.indexOf(".");
  if (dot < 0) return undefined;
  const key = path.slice(0, dot);
  return Object.hasOwn(metadata, key) ? fieldValue(metadata[key], path.slice(dot + 1)) : undefined;
}

/** A value in one line: texts as they are, lists with commas, the rest as JSON. */
export function cellText(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value.slice(0, longestCell);
  if (Array.isArray(value) && value.every((item) => !isObject(item) && !Array.isArray(item))) {
    return value.map(cellText).join(", ").slice(0, longestCell);
  }
  if (typeof value === "number" && !Number.isInteger(value))
    return String(Number(value.toPrecision(shownDigits)));
  return value instanceof JsonText ? value.text : stringifyJson(value).slice(0, longestCell);
}
