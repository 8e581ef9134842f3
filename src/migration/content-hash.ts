import { createHash } from "node:crypto";
import { bytesOf } from "../foundation/bytes-of.ts";
import { DataError } from "../foundation/errors.ts";
import { JsonText, parseJson } from "../foundation/exact-json/index.ts";
import { quoted } from "../foundation/quoted.ts";
import type { Metadata, StoreRecord, Vector } from "../store/document.ts";

export interface ContentHashOptions {
  /** False hashes only id, text and metadata. Default true. */
  readonly vectors?: boolean;
}

/** Bytes of a content hash. */
const hashBytes = 32;

const canonicalNaN = new Float32Array([Number.NaN]);

/**
 * SHA-256 over the content of a record: equal for two records exactly if they are equal in
 *
 * - id and text, code unit by code unit, without normalisation; a missing text differs from an empty one;
 * - metadata, by value and type of JSON: `1`, `"1"`, `true` and `null` differ, `1` and `1.0` are the same number,
 *   `-0` is `0` (JSON writers drop the sign), the order of keys does not count, the order of lists does;
 * - the vector as float32: `-0` differs from `0`, all NaN are equal; a missing vector differs from an empty one;
 * - the sparse vector as pairs of index and float32 value, in any order.
 *
 * A property of metadata that is `undefined` counts as missing.
 *
 * @returns 32 bytes
 * @throws {DataError} for metadata that is nested deeper than it can be written as JSON
 */
export function contentHash(record: StoreRecord, options: ContentHashOptions = {}): Buffer {
  // JSON texts have no line breaks: they separate the parts.
  const text = record.text === undefined ? "" : JSON.stringify(record.text);
  const metadata = record.metadata === undefined ? "" : canonicalMetadata(record.id, record.metadata);
  const hash = createHash("sha256").update(`${JSON.stringify(record.id)}\n${text}\n${metadata}\n`);
  if (options.vectors === false) return hash.digest();
  if (record.vector !== undefined) {
    hash.update(`dense ${record.vector.length}\n`).update(floatBytes(record.vector));
  }
  if (record.sparseVector !== undefined) {
    const { indices, values } = inOrder(record.sparseVector);
    hash.update(`sparse ${indices.join(" ")}\n`).update(floatBytes(values));
  }
  return hash.digest();
}

/**
 * One hash for many records in any order: the sum of their content hashes modulo 2^256. It takes 32 bytes for any
 * number of records; sorting the hashes would need all of them in memory. It detects accidents, not tampering: someone
 * could construct records with the same sum.
 */
export class ContentSum {
  #sum = 0n;

  add(hash: Uint8Array): void {
    let value = 0n;
    const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
    for (let place = 0; place < hashBytes; place += 8) value = (value << 64n) | view.getBigUint64(place);
    this.#sum = BigInt.asUintN(8 * hashBytes, this.#sum + value);
  }

  /** 64 hexadecimal digits; all are 0 without records. */
  hex(): string {
    return this.#sum.toString(16).padStart(2 * hashBytes, "0");
  }
}

function canonicalMetadata(id: string, metadata: Metadata): string {
  try {
    return canonicalJson(metadata);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const problem = "the metadata is nested too deeply";
    throw new DataError(`record ${quoted(id)}`, `The record ${quoted(id)} cannot be compared: ${problem}.`, {
      cause,
      faults: [{ id, problem }],
      hint: "Remove the record from the source, or store its metadata with fewer levels.",
    });
  }
}

/**
 * JSON text that is the same for equal values: keys in the order of their code units, no spaces. Numbers that JSON
 * cannot hold keep their names: `Infinity`.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "bigint") return `${value}`;
  // `1.0` is the number 1; its digits do not matter.
  if (value instanceof JsonText) return canonicalJson(parseJson(value.text));
  // JSON cannot hold these; they must not be hashed as null.
  if (typeof value === "number" && !Number.isFinite(value)) return `${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const properties = value as Record<string, unknown>;
  const fields = Object.keys(properties)
    .filter((key) => properties[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(properties[key])}`);
  return `{${fields.join(",")}}`;
}

/** Little-endian float32; all NaN have the same bits. */
function floatBytes(vector: Vector): Uint8Array {
  let floats = vector instanceof Float32Array ? vector : Float32Array.from(vector);
  if (holdsNaN(floats)) {
    floats = floats.map((component) => (Number.isNaN(component) ? (canonicalNaN[0] as number) : component));
  }
  return bytesOf(floats);
}

function holdsNaN(floats: Float32Array): boolean {
  let sum = 0;
  for (let place = 0; place < floats.length; place++) sum += (floats[place] as number) * 0;
  return Number.isNaN(sum);
}

function inOrder(sparse: NonNullable<StoreRecord["sparseVector"]>): { indices: number[]; values: number[] } {
  const places = sparse.indices.map((_, place) => place);
  places.sort(
    (left, right) =>
      (sparse.indices[left] as number) - (sparse.indices[right] as number) ||
      (sparse.values[left] as number) - (sparse.values[right] as number),
  );
  return {
    indices: places.map((place) => sparse.indices[place] as number),
    values: places.map((place) => sparse.values[place] as number),
  };
}
