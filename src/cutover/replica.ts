import type { RecordKey } from "../state/cutover/rows.ts";
import type { StoreRecord } from "../store/document.ts";
import type { Outcome } from "./guards.ts";
import type { Operation } from "./operation.ts";

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
}

/**
 * Splits items into the calls that carry them: one namespace and one kind of operation each, at most `limit` items.
 * An update is a call of its own, and so is a write to a whole namespace.
 */
export function callsOf<Item extends RecordKey>(
  items: readonly Item[],
  operationOf: (item: Item) => Operation,
  limit = 1_000,
): Call<Item>[] {
  const calls: Call<Item>[] = [];
  const open = new Map<string, Call<Item>>();
  for (const item of items) {
    const operation = operationOf(item);
    const name = `${operation.kind} ${item.namespace}`;
    const isAlone = operation.kind === "change" || operation.kind === "reset";
    const last = isAlone ? undefined : open.get(name);
    if (last && last.items.length < limit) {
      last.operations.push(operation);
      last.items.push(item);
    } else {
      const call = { namespace: item.namespace, operations: [operation], items: [item] };
      calls.push(call);
      open.set(name, call);
    }
  }
  return calls;
}
