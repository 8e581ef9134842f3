import { ServiceFaultError } from "../../foundation/errors.ts";
import { JsonText, parseJson, stringifyJson } from "../../foundation/exact-json/index.ts";
import type { Metadata, StoreRecord } from "../document.ts";

type PlainValue = string | number | boolean | string[] | number[] | boolean[];

/** The parts of a record that Chroma stores besides the vector. */
export interface ChromaFacts {
  readonly document: string;
  readonly metadata: Readonly<Record<string, PlainValue>>;
}

/** A record as Chroma returns it; `null` for missing parts. */
export interface ChromaRow {
  readonly id: string;
  readonly document?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly vector?: readonly number[] | null | undefined;
}

/** Our own keys in the metadata; the store hides them from its readers. */
const ownPrefix = "ragfood:";
/** JSON of the entries that Chroma cannot hold as they are. */
const restKey = `${ownPrefix}rest`;
/** True if such entries exist: a filter has to look at the record itself. */
export const hasRestKey: string = `${ownPrefix}has-rest`;
/** True if the record has no text; its document is empty. */
const noTextKey = `${ownPrefix}no-text`;

/**
 * A record's text and metadata as Chroma can hold them: strings, finite numbers, booleans and lists of one of
 * these as they are, all else (null, objects, mixed and empty lists, unusual keys, no entry at all) as JSON
 * under a key of our own. There, too, are numbers that Chroma or its client would change: beyond 2^53, of many digits,
 * or minus zero.
 */
export function toChromaFacts({ text, metadata }: Pick<StoreRecord, "text" | "metadata">): ChromaFacts {
  const entries = Object.entries(metadata ?? {}).filter(([, value]) => value !== undefined);
  const plain = entries
    .map(([key, value]) => [key, nearestNumbers(value)] as const)
    .filter(([key, value]) => isPlainKey(key) && isPlainValue(value));
  const rest = entries.filter(
    ([key, value]) => !(isPlainKey(key) && isPlainValue(value) && isKeptExactly(value)),
  );
  const hasRest = rest.length > 0 || (metadata !== undefined && plain.length === 0);
  return {
    document: text ?? "",
    metadata: {
      ...(Object.fromEntries(plain) as Record<string, PlainValue>),
      ...(hasRest && { [restKey]: stringifyJson(Object.fromEntries(rest)), [hasRestKey]: true }),
      ...(text === undefined && { [noTextKey]: true }),
    },
  };
}

/** Reverses `toChromaFacts`; also reads records that other programs wrote. */
export function toStoreRecord({ id, document, metadata, vector }: ChromaRow): StoreRecord {
  const facts = metadataOf(metadata);
  const hasText = typeof document === "string" && metadata?.[noTextKey] !== true;
  return {
    id,
    ...(hasText && { text: document }),
    ...(facts && { metadata: facts }),
    ...(vector && { vector }),
  };
}

/** The metadata of a record, without our own keys. @throws {ServiceFaultError} if the JSON has been damaged */
export function metadataOf(stored: ChromaRow["metadata"]): Metadata | undefined {
  const rest = stored?.[restKey];
  const plain = Object.entries(stored ?? {}).filter(([key]) => !key.startsWith(ownPrefix));
  if (rest === undefined) return plain.length > 0 ? Object.fromEntries(plain) : undefined;
  try {
    return { ...Object.fromEntries(plain), ...(parseJson(String(rest)) as Metadata) };
  } catch (error) {
    throw new ServiceFaultError("chroma", `The metadata ${restKey} of a record is not JSON.`, {
      cause: error,
      hint: "Another program changed it; write the record again.",
    });
  }
}

/**
 * The metadata to write so that nothing else remains. Chroma merges new metadata into the stored one, key by
 * key, and removes a key for `null`. The client omits `null`, but JSON writes NaN as `null`.
 */
export function replacing(
  former: ChromaRow["metadata"],
  wanted: ChromaFacts["metadata"],
): Record<string, PlainValue> | null {
  const stale = Object.keys(former ?? {}).filter((key) => !Object.hasOwn(wanted, key));
  const written = { ...Object.fromEntries(stale.map((key) => [key, Number.NaN])), ...wanted };
  return Object.keys(written).length > 0 ? written : null;
}

/** Chroma refuses `$`, `#` and the empty key, and keeps `chroma:` to itself; its client loses `__proto__`. */
function isPlainKey(key: string): boolean {
  return !/^(?:$|[$#]|chroma:|ragfood:|__proto__$)/.test(key) && isUnicode(key);
}

/** Exact numbers as doubles, for Chroma's filters; the exact ones go into the rest. */
function nearestNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nearestNumbers);
  return typeof value === "bigint" || value instanceof JsonText ? Number(value) : value;
}

function isPlainValue(value: unknown): boolean {
  if (!Array.isArray(value)) return isPlainScalar(value);
  return value.length > 0 && value.every((item) => isPlainScalar(item) && typeof item === typeof value[0]);
}

function isPlainScalar(value: unknown): boolean {
  if (typeof value === "string") return isUnicode(value);
  return typeof value === "boolean" || Number.isFinite(value);
}

/** Powers of ten up to this one are exact in float64. */
const largestExactPower = 22;

/**
 * Chroma reads numbers by serde_json's quick way: the digits as one whole number, times or over a power of
 * ten. That is right if both are exact in float64 (Clinger, 1990), otherwise up to one digit off.
 */
function isKeptExactly(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isKeptExactly);
  if (typeof value !== "number") return true;
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !Object.is(value, -0);
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const power = Number(exponent) - fraction.length;
  return Number(whole + fraction) <= Number.MAX_SAFE_INTEGER && Math.abs(power) <= largestExactPower;
}

/** Whether a text can be encoded as UTF-8: a lone surrogate cannot. */
function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
