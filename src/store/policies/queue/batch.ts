import { parseJson } from "../../../foundation/exact-json/index.ts";
import type { Write } from "./write.ts";

/** A queued write. */
export interface QueuedEntry {
  /** Its place: lower ones are sent first. */
  readonly sequence: number;
  readonly namespace: string;
  readonly payload: string;
  /** Of the payload. */
  readonly bytes: number;
  /** Failed attempts to send it. */
  readonly attempts: number;
}

/** Queued writes that are sent in one call. */
export interface WriteBatch {
  readonly namespace: string;
  /** Oldest first. */
  readonly sequences: readonly number[];
  /** All of them as one write. */
  readonly write: Write;
}

export interface BatchLimits {
  readonly records: number;
  /** Of payloads. */
  readonly bytes: number;
  /** Writes up to this sequence are sent one by one. */
  readonly aloneUntil: number;
}

/** So many records are stored as a whole or not at all, in a request that a slow line carries within seconds. */
const defaultLimits: BatchLimits = { records: 1_000, bytes: 1_048_576, aloneUntil: 0 };

/**
 * The first of these writes, with those right behind it that can go out in the same call: upserts of the same kind,
 * or deletes by ids. No record is named by two of them, so that neither the outcome nor what a reader sees when the
 * batch is sent again differs from that of the writes one by one.
 *
 * After a failed attempt the batch is half as large each time: a batch that takes the store too long would never
 * succeed.
 *
 * @param entries writes of one namespace, oldest first; read no further than needed
 * @returns `undefined` if no write waits
 */
export function nextBatch(
  entries: Iterable<QueuedEntry>,
  limits: Partial<BatchLimits> = {},
): WriteBatch | undefined {
  const { records, bytes, aloneUntil } = { ...defaultLimits, ...limits };
  const ids = new Set<string>();
  let [taken, takenBytes, share]: [WriteBatch | undefined, number, number] = [undefined, 0, 1];
  for (const { sequence, namespace, payload, bytes: entryBytes, attempts } of entries) {
    const write = parseJson(payload) as Write;
    const named = idsOf(write);
    takenBytes += entryBytes;
    if (taken === undefined) {
      share = 2 ** -attempts;
      taken = { namespace, sequences: [sequence], write };
    } else {
      const both = joined(taken.write, write);
      const fits = ids.size + named.length <= records * share && takenBytes <= bytes * share;
      if (both === undefined || !fits || named.some((id) => ids.has(id))) break;
      taken = { namespace, sequences: [...taken.sequences, sequence], write: both };
    }
    if (sequence <= aloneUntil) break;
    for (const id of named) ids.add(id);
  }
  return taken;
}

function idsOf(write: Write): readonly string[] {
  switch (write.operation) {
    case "upsert":
      return write.documents.map(({ id }) => id);
    case "upsertRecords":
      return write.records.map(({ id }) => id);
    case "delete":
      return "ids" in write.target ? write.target.ids : [];
    default:
      return [];
  }
}

/** Both as one write; `undefined` if no single call can carry out both. */
function joined(first: Write, second: Write): Write | undefined {
  if (first.operation === "upsert" && second.operation === "upsert") {
    return { operation: "upsert", documents: [...first.documents, ...second.documents] };
  }
  if (first.operation === "upsertRecords" && second.operation === "upsertRecords") {
    return { operation: "upsertRecords", records: [...first.records, ...second.records] };
  }
  if (first.operation !== "delete" || second.operation !== "delete") return undefined;
  if (!("ids" in first.target && "ids" in second.target)) return undefined;
  return { operation: "delete", target: { ids: [...first.target.ids, ...second.target.ids] } };
}
