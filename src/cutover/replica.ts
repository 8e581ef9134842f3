import type { RecordKey } from "../state/cutover/rows.ts";
import type { StoreRecord } from "../store/document.ts";
import type { Outcome } from "./guards.ts";
import { bytesOf, isAboutNamespace, type Operation } from "./operation.ts";

/** What came of one call that writes. */
export interface SendResult {
  readonly outcome: Outcome;
  /** Records deleted, or updated, as the store reports them; 0 unless acknowledged. */
  readonly count: number;
  /** Unless acknowledged. */
  readonly error?: Error;
  /** The store refuses this write for good: a retry fails the same way. */
  readonly isRefused?: boolean;
}

/** One of the two stores, record by record. A failure is a result: only a defect throws. */
export interface Replica {
  readonly name: string;
  /** Whether it takes the vectors of the other store; otherwise it makes its own from the text. */
  readonly takesVectors: boolean;
  /**
   * Writes operations of one kind in one call, whole or not at all. The call begins before this returns, and lands
   * within D of that, or never.
   */
  send(namespace: string, operations: readonly Operation[]): Promise<SendResult>;
  /** In the order of the ids, in the form in which a copy is written. @throws if the store cannot be read */
  read(namespace: string, ids: readonly string[]): Promise<(StoreRecord | undefined)[]>;
  /** Records of a namespace. @throws if the store cannot be read */
  count(namespace: string): Promise<number>;
  /** Every key that the store holds, page by page. */
  keys(): AsyncIterable<readonly RecordKey[]>;
}

/** The operation that makes a record of this replica as the other store has it. */
export function copyOf(
  { takesVectors }: Pick<Replica, "takesVectors">,
  id: string,
  record: StoreRecord | undefined,
): Operation {
  if (record === undefined) return { kind: "delete", id };
  // An index refuses an empty sparse vector, as a text of stop words has: it makes it of the text.
  const isWhole = (record.vector || record.sparseVector) && record.sparseVector?.indices.length !== 0;
  if (takesVectors && isWhole) return { kind: "record", record };
  const { text = "", metadata = {} } = record;
  return { kind: "document", document: { id, text, metadata } };
}

/** The records of keys, one call for each namespace. */
export async function readRecords<Key extends RecordKey>(
  replica: Replica,
  keys: readonly Key[],
): Promise<Map<Key, StoreRecord | undefined>> {
  const records = new Map<Key, StoreRecord | undefined>();
  for (const namespace of new Set(keys.map((key) => key.namespace))) {
    const items = keys.filter((key) => key.namespace === namespace);
    const found = await replica.read(
      namespace,
      items.map(({ id }) => id),
    );
    for (const [place, key] of items.entries()) records.set(key, found[place]);
  }
  return records;
}

interface Call<Item> {
  readonly namespace: string;
  readonly operations: Operation[];
  readonly items: Item[];
  bytes: number;
}

/** Bounds of one call to a store; embedding the texts of documents is a part of the call. */
export const callBounds: Readonly<Record<"records" | "documents" | "bytes", number>> = {
  records: 1_000,
  documents: 100,
  bytes: 8 * 1_024 * 1_024,
};

/**
 * Splits items into the calls that carry them: one namespace and one kind of operation each, at most `limit` items and the bytes of a call.
 * An update is a call of its own, and so is a write to a whole namespace.
 */
export function callsOf<Item extends RecordKey>(
  items: readonly Item[],
  operationOf: (item: Item) => Operation,
  limit: number = callBounds.records,
): Call<Item>[] {
  const calls: Call<Item>[] = [];
  const open = new Map<string, Call<Item>>();
  for (const item of items) {
    const operation = operationOf(item);
    const name = `${operation.kind} ${item.namespace}`;
    const isAlone = operation.kind === "change" || isAboutNamespace(operation);
    const last = isAlone ? undefined : open.get(name);
    const bytes = bytesOf(operation);
    const most = Math.min(limit, operation.kind === "document" ? callBounds.documents : callBounds.records);
    if (last && last.items.length < most && last.bytes + bytes <= callBounds.bytes) {
      last.operations.push(operation);
      last.items.push(item);
      last.bytes += bytes;
    } else {
      const call = { namespace: item.namespace, operations: [operation], items: [item], bytes };
      calls.push(call);
      open.set(name, call);
    }
  }
  return calls;
}
