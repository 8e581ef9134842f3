import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { VectorStore } from "../../store/store.ts";
import { otherSide } from "../parts.ts";
import { countRecords, defaultSettleMs, furtherLooks, unequalNamespaces } from "./record-counts.ts";

export interface ComparisonOptions {
  readonly stores: Readonly<Record<Side, VectorStore>>;
  readonly leader: Side;
  /** Records to compare; `Infinity` for all. */
  readonly size: number;
  /** Of these keys, those whose latest writes the follower may lack. */
  readonly pending: (keys: readonly RecordKey[]) => Promise<ReadonlySet<string>>;
  /** The number of writes that the follower may lack. */
  readonly underWay: () => Promise<number>;
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
  /** Records of the leader when it began. */
  readonly total: number;
  readonly differences: number;
  /** The first 20. */
  readonly listed: readonly StoreDifference[];
  /** Records that were left out because writes to them are under way. */
  readonly pending: number;
}

const mostListed = 20;

const recordsPerPage = 500;

/**
 * Compares records of the two stores by text and metadata. Records with writes that the follower may still lack are
 * counted, not compared. A sample takes pages of the leader that are spread over the whole collection. A namespace is
 * compared whole, with the records that only the follower has, if all records are to be compared, or if the stores hold
 * different numbers of its records.
 *
 * @throws {ServiceError | StorageError} if a store cannot be read
 */
export async function compareStores(options: ComparisonOptions): Promise<StoreComparison> {
  const { stores, leader, size, signal, onProgress } = options;
  const counts = await countRecords(options);
  const unequal = size === Number.POSITIVE_INFINITY ? [...counts.keys()] : await unequalNamespaces(options);
  const recordCount = sumOf([...counts.values()].map((count) => count.leader));
  const total = Math.max(
    Math.min(size, recordCount),
    sumOf(unequal.map((name) => counts.get(name)?.leader ?? 0)),
  );
  const result = {
    checked: 0,
    total: recordCount,
    pending: 0,
    differences: 0,
    listed: [] as StoreDifference[],
  };
  const add = ({ checked, pending, found }: PageComparison) => {
    result.checked += checked;
    result.pending += pending;
    result.differences += found.length;
    result.listed.push(...found.slice(0, mostListed - result.listed.length));
    onProgress?.(result.checked, total);
  };
  for (const namespace of unequal) {
    for await (const records of pagesOf(stores[leader], namespace, signal)) {
      add(await comparePage(options, namespace, records));
    }
    for await (const records of pagesOf(stores[otherSide(leader)], namespace, signal)) {
      add(await compareSurplus(options, namespace, records));
    }
  }
  // Of a larger collection every n-th page, from another one each time.
  const pages = Math.max(1, Math.ceil(recordCount / recordsPerPage));
  const step = Math.max(1, Math.floor((pages * recordsPerPage) / size));
  const first = Math.floor(Math.random() * Math.min(step, pages));
  let page = 0;
  for (const namespace of counts.keys()) {
    if (unequal.includes(namespace)) continue;
    for await (const records of pagesOf(stores[leader], namespace, signal)) {
      const left = size - result.checked - result.pending;
      if (left <= 0) return result;
      if (page++ % step === first % step) add(await comparePage(options, namespace, records.slice(0, left)));
    }
  }
  return result;
}

function pagesOf(
  store: VectorStore,
  namespace: string,
  signal: AbortSignal | undefined,
): AsyncIterable<readonly StoreRecord[]> {
  return store.range({ namespace, pageSize: recordsPerPage, ...(signal && { signal }) });
}

/** Of these records of the follower, those that the leader does not have. */
async function compareSurplus(
  options: ComparisonOptions,
  namespace: string,
  records: readonly StoreRecord[],
): Promise<PageComparison> {
  const { stores, leader, signal } = options;
  const ids = records.map(({ id }) => id);
  const others = await stores[leader].fetch(ids, { namespace, ...(signal && { signal }) });
  const surplus = ids.filter((_, place) => others[place] === undefined);
  if (surplus.length === 0) return { checked: 0, pending: 0, found: [] };
  return await compareRecords(options, namespace, surplus, []);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
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
  options: PageOptions,
  namespace: string,
  ids: readonly string[],
  records: readonly (StoreRecord | undefined)[],
): Promise<PageComparison> {
  const { stores, leader, pending, signal, settleMs = defaultSettleMs } = options;
  const call = { namespace, ...(signal && { signal }) };
  const follower = stores[otherSide(leader)];
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
  for (let look = 0; look < furtherLooks && suspects.length > 0; look++) {
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
