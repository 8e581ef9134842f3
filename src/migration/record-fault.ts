import { JsonText } from "../foundation/exact-json/index.ts";
import { quoted } from "../foundation/quoted.ts";
import type { StoreRecord } from "../store/document.ts";
import type { RecordsOptions } from "./source.ts";

/** Why a record of a source cannot be read unchanged. */
export interface RecordFault {
  readonly problem: string;
  /** What to do; default: what the source says of damage. */
  readonly hint?: string;
}

/** What to do with integers beyond 2^53, which Chroma stores and a JavaScript number cannot hold. */
export type LargeIntegers = "refuse" | "text";

/** An integer that a JavaScript number would round. */
function largeInteger(key: string, digits: bigint): RecordFault {
  return {
    problem: `its metadata ${quoted(key)} is the integer ${digits}, which is beyond 2^53 and would be rounded`,
    hint: "Add --large-integers text to keep its digits as text.",
  };
}

/** A number that JSON cannot hold: `Infinity`, `-Infinity` or `NaN`. */
export function notFinite(key: string, what: string): RecordFault {
  return {
    problem: `its metadata ${quoted(key)} is ${what}, which JSON cannot hold`,
    hint: "Correct the value in Chroma, or skip such records with --salvage.",
  };
}

/** A record whose integers beyond 2^53 are treated as asked for, or why it cannot be read. */
export function withLargeIntegers(
  record: StoreRecord,
  mode: LargeIntegers,
  onAlteration: RecordsOptions["onAlteration"],
): StoreRecord | RecordFault {
  const { id, metadata = {} } = record;
  const found = Object.entries(metadata).flatMap(([key, value]) => {
    const digits = largeIntegerIn(value);
    return digits === undefined ? [] : [{ key, digits }];
  });
  const [first] = found;
  if (first === undefined) return record;
  if (mode === "refuse") return largeInteger(first.key, first.digits);
  for (const { key } of found)
    onAlteration?.({ id, field: key, reason: "is kept as text by --large-integers" });
  return { ...record, metadata: withDigitsAsText(metadata) };
}

function largeIntegerIn(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const item of Object.values(value)) {
    const found = largeIntegerIn(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The same value with the digits of each integer beyond 2^53 as text. */
function withDigitsAsText<T>(value: T): T {
  if (typeof value === "bigint") return String(value) as T;
  if (typeof value !== "object" || value === null || value instanceof JsonText) return value;
  if (Array.isArray(value)) return value.map(withDigitsAsText) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withDigitsAsText(item)])) as T;
}
