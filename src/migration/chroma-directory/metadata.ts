import { setProperty } from "../../foundation/own-keys.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { RecordFault } from "../record-fault.ts";

/** The parts of a Chroma record besides id and vector. */
export interface RecordContent {
  text?: string;
  readonly metadata: Record<string, unknown>;
  /** Why it cannot be read unchanged. */
  fault?: RecordFault;
}

/** One value of a record, as it was read from the tables. */
export interface StoredValue {
  /** The row of `embeddings` that it belongs to. */
  readonly row: number;
  readonly key: string;
  readonly value: unknown;
  /** Why it cannot be returned unchanged. */
  readonly fault?: RecordFault;
}

/** Chroma keeps the document of a record among its metadata, under this key. */
const documentKey = "chroma:document";

export function emptyContent(): RecordContent {
  return { metadata: {} };
}

/** Sets a value that was read from the tables. */
export function setStored(content: RecordContent, { key, value, fault }: StoredValue): void {
  if (fault !== undefined) content.fault = fault;
  setPlain(content, key, value);
}

/** Adds a value to an array that was read from the tables. */
export function appendStored(content: RecordContent, { key, value, fault }: StoredValue): void {
  if (fault !== undefined) content.fault = fault;
  const before = Object.hasOwn(content.metadata, key) ? content.metadata[key] : undefined;
  if (Array.isArray(before)) before.push(value);
  else setPlain(content, key, [value]);
}

/** Merges what a change in the queue carries; `null` removes a key. */
export function mergeChanges(content: RecordContent, changes: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value !== null) {
      if (!isMetadataValue(value))
        content.fault = { problem: `its metadata ${quoted(key)} is of an unknown type` };
      setPlain(content, key, value);
    } else if (key === documentKey) delete content.text;
    else delete content.metadata[key];
  }
}

function setPlain(content: RecordContent, key: string, value: unknown): void {
  if (key === documentKey) {
    if (typeof value === "string") content.text = value;
    else content.fault = { problem: "its document is not text" };
    return;
  }
  setProperty(content.metadata, key, value);
}

function isMetadataValue(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "bigint", "boolean"].includes(typeof value);
}
