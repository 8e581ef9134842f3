import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { VectorStore } from "../../store/store.ts";

export interface ComparisonOptions {
  readonly stores: Readonly<Record<Side, VectorStore>>;
  readonly leader: Side;
  /** Records to compare; `Infinity` for all. */
  readonly size: number;
  /** Of these keys, those whose latest writes the follower may lack. */
  readonly pending: (keys: readonly RecordKey[]) => Promise<ReadonlySet<string>>;
  readonly signal?: AbortSignal;
  /** Called after each page with the records compared so far, and those to compare. */
  readonly onProgress?: (checked: number, total: number) => void;
  /** Milliseconds before a record that differs is read again, three times. Default 700. */
  readonly settleMs?: number;
}

interface StoreDifference extends RecordKey {
  readonly problem: string;
}

export interface StoreComparison {
  readonly checked: number;
  readonly differences: number;
  /** The first 20. */
  readonly listed: readonly StoreDifference[];
  /** Records that were left out because writes to them are under way. */
  readonly pending: number;
}

const mostListed = 20;

/** Further reads of a record that differs. */
const looks = 3;
const recordsPerPage = 500;

/**
 * Compares records of the two stores by text and metadata, from the leader's side, and the number of records of each
 * namespace. Records with writes that the follower may still lack are counted, not compared. Pages are spread over the
 * whole collection for a sample.
 *
 * @throws {ServiceError | StorageError} if a store cannot be read
 */
export async function compareStores(options: ComparisonOptions): Promise<StoreComparison> {
  const { stores, leader, size, signal } = options;
  const from = stores[leader];
  const call = signal ? { signal } : {};
  const { namespaces, recordCount } = await from.info(call);
  const found: StoreDifference[] = [];
  let [checked, pending, differences] = [0, 0, 0];
  // Of a larger collection every n-th page, from another one each time.
  const pages = Math.max(1, Math.ceil(recordCount / recordsPerPage));
  const step = Math.max(1, Math.floor((pages * recordsPerPage) / size));
  const first = Math.floor(Math.random() * Math.min(step, pages));
  let page = 0;
  for (const namespace of Object.keys(namespaces)) {
    for await (const records of from.range({ namespace, pageSize: recordsPerPage, ...call })) {
      if (page++ % step !== first % step) continue;
      const left = Math.max(0, size - checked);
      const result = await comparePage(options, namespace, records.slice(0, left));
      checked += result.checked;
      pending += result.pending;
      differences += result.found.length;
      found.push(...result.found.slice(0, mostListed - found.length));
      options.onProgress?.(checked, Math.min(size, recordCount));
      if (checked + pending >= size) break;
    }
    if (checked + pending >= size) break;
  }
  return { checked, differences, listed: found, pending };
}

export interface PageComparison {
  readonly checked: number;
  /** Records that were left out because writes to them are under way. */
  readonly pending: number;
  readonly found: readonly StoreDifference[];
}

export type PageOptions = Pick<ComparisonOptions, "stores" | "leader" | "pending" | "signal" | "settleMs">;

/** Compares records of the leader with those of the follower. */
export function comparePage(
  options: PageOptions,
  namespace: string,
  records: readonly StoreRecord[],
): Promise<PageComparison> {
  return compareRecords(
    options,
    namespace,
    records.map(({ id }) => id),
    records,
  );
}

/** Compares these records of both stores; there may be none. */
export async function compareKeys(options: PageOptions, keys: readonly RecordKey[]): Promise<PageComparison> {
  const { stores, leader, signal } = options;
  const sum = { checked: 0, pending: 0, found: [] as StoreDifference[] };
  for (const namespace of new Set(keys.map((key) => key.namespace))) {
    const ids = keys.filter((key) => key.namespace === namespace).map(({ id }) => id);
    const records = await stores[leader].fetch(ids, { namespace, ...(signal && { signal }) });
    const { checked, pending, found } = await compareRecords(options, namespace, ids, records);
    sum.checked += checked;
    sum.pending += pending;
    sum.found.push(...found);
  }
  return sum;
}

async function compareRecords(
  { stores, leader, pending, signal, settleMs = 700 }: PageOptions,
  namespace: string,
  ids: readonly string[],
  records: readonly (StoreRecord | undefined)[],
): Promise<PageComparison> {
  const call = { namespace, ...(signal && { signal }) };
  const follower = stores[leader === "source" ? "target" : "source"];
  const keysOf = (ids: readonly string[]) => ids.map((id) => ({ namespace, id }));
  const busy = await pending(keysOf(ids));
  const settled = ids.filter((id) => !busy.has(id));
  const differing = async (left: readonly (StoreRecord | undefined)[], of: readonly string[]) => {
    const others = of.length === 0 ? [] : await follower.fetch(of, call);
    return of.flatMap((id, place) => {
      const problem = problemOf(left[place], others[place]);
      return problem === undefined ? [] : [{ namespace, id, problem }];
    });
  };
  const byId = new Map(ids.map((id, place) => [id, records[place]]));
  const first = await differing(
    settled.map((id) => byId.get(id)),
    settled,
  );
  let suspects = first.map(({ id }) => id);
  let found: StoreDifference[] = [];
  const left = new Set<string>();
  // A write may have reached one store between two reads: a difference that stays is one.
  for (let look = 0; look < looks && suspects.length > 0; look++) {
    await wait(settleMs, undefined, signal ? { signal } : {});
    const before = await pending(keysOf(suspects));
    found = await differing(await stores[leader].fetch(suspects, call), suspects);
    const after = await pending(keysOf(suspects));
    for (const id of [...before, ...after]) left.add(id);
    suspects = found.map(({ id }) => id).filter((id) => !left.has(id));
  }
  found = found.filter(({ id }) => suspects.includes(id));
  return { checked: settled.length - left.size, pending: busy.size + left.size, found };
}

function problemOf(left: StoreRecord | undefined, right: StoreRecord | undefined): string | undefined {
  if (left === undefined) return right === undefined ? undefined : "only the follower has it";
  if (right === undefined) return "only the leader has it";
  if (left.text !== right.text) return "the texts differ";
  return isDeepStrictEqual(left.metadata ?? {}, right.metadata ?? {}) ? undefined : "the metadata differ";
}
