import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import { compareSparseVectors, compareVectors, defaultVectorTolerance } from "../../store/compare-vectors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { VectorStore } from "../../store/store.ts";
import { otherSide } from "../parts.ts";
import { keyText } from "../rules/protocol.ts";
import { countRecords, defaultSettleMs, furtherLooks, unequalNamespaces } from "./record-counts.ts";

export interface ComparisonOptions {
  readonly stores: Readonly<Record<Side, VectorStore>>;
  readonly leader: Side;
  /** Records to compare, at least one of each namespace; `Infinity` for all. */
  readonly size: number;
  /** Records that are compared in any case: those that differed before. */
  readonly keys?: readonly RecordKey[];
  /** Of these keys, those whose latest writes the follower may lack. */
  readonly pending: (keys: readonly RecordKey[]) => Promise<ReadonlySet<string>>;
  /** Whether the vectors of both stores are compared too: only where copies carry them. Default false. */
  readonly comparesVectors?: boolean;
  /** The number of writes that the follower may lack; `Infinity` if one of them empties one of these namespaces. */
  readonly underWay: (namespaces: readonly string[]) => Promise<number>;
  readonly signal?: AbortSignal | undefined;
  /** Called after each page with the records compared so far, and those to compare. */
  readonly onProgress?: (checked: number, total: number) => void;
  /** Milliseconds before a record that differs, or that was being written, is read again, three times. Default 700. */
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
  /** The first 1,000. */
  readonly listed: readonly StoreDifference[];
  /** Records that were left out because writes to them are under way. */
  readonly pending: number;
  /** Namespaces of the leader of which no record was compared. */
  readonly missed: readonly string[];
}

const mostListed = 1_000;

const recordsPerPage = 500;
const recordsPerPageOfVectors = 200;

/**
 * Compares records of the two stores by text and metadata, and by their vectors where copies carry them. Records with
 * writes that the follower may still lack are counted, not compared. A sample takes records of each namespace, in
 * proportion to their number. A namespace is compared whole, with the records that only the follower has, if all records are to be
 * compared, or if the stores hold different numbers of its records.
 *
 * @throws {ServiceError | StorageError} if a store cannot be read
 */
export async function compareStores(options: ComparisonOptions): Promise<StoreComparison> {
  const { leader, size, signal, keys = [], onProgress, settleMs = defaultSettleMs } = options;
  const counts = await countRecords(options);
  const unequal = size === Number.POSITIVE_INFINITY ? [...counts.keys()] : await unequalNamespaces(options);
  const recordCount = sumOf([...counts.values()].map((count) => count.leader));
  const shares = [...counts].flatMap(([namespace, { leader: count }]) => {
    const share = Math.ceil((size * count) / recordCount);
    return unequal.includes(namespace) || count === 0 ? [] : [{ namespace, count, share }];
  });
  const total = sumOf([
    ...unequal.map((name) => counts.get(name)?.leader ?? 0),
    ...shares.map(({ count, share }) => Math.min(count, share)),
  ]);
  const sum = new Sum((checked) => onProgress?.(checked, total));
  for (const namespace of unequal) {
    for await (const records of pagesOf(options, leader, namespace)) {
      sum.add(namespace, await comparePage(options, namespace, records));
    }
    const ofFollower = { ...options, comparesVectors: false };
    for await (const records of pagesOf(ofFollower, otherSide(leader), namespace)) {
      sum.add(namespace, await compareSurplus(options, namespace, records));
    }
  }
  for (const { namespace, count, share } of shares) {
    for await (const sampled of sampledKeys(options, namespace, count, Math.min(count, share))) {
      sum.add(namespace, await compareKeys(options, sampled));
    }
  }
  // While clients write, some records are being written at every moment, and others a moment later.
  for (let look = 0; look < furtherLooks && sum.late.length > 0; look++) {
    await wait(settleMs, undefined, signal ? { signal } : {});
    const again = sum.takeLate();
    for (const namespace of new Set(again.map((key) => key.namespace))) {
      const keys = again.filter((key) => key.namespace === namespace);
      sum.add(namespace, await compareKeys(options, keys));
    }
  }
  sum.add("", { ...(await compareKeys(options, keys)), checked: 0, pending: [] });
  const { checked, pending, differences, listed } = sum;
  const missed = [...counts].flatMap(([name, count]) =>
    count.leader > 0 && !sum.compared.has(name) ? name : [],
  );
  return { checked, pending, differences, listed, total: recordCount, missed };
}

/** What the comparisons of pages add up to. */
class Sum {
  checked = 0;
  pending = 0;
  differences = 0;
  /** The first differences. */
  readonly listed: StoreDifference[] = [];
  /** Namespaces of which a record was compared. */
  readonly compared: Set<string> = new Set();
  /** The first of the records that were being written. */
  late: RecordKey[] = [];
  readonly #differing = new Set<string>();
  readonly #onProgress: (checked: number) => void;

  constructor(onProgress: (checked: number) => void) {
    this.#onProgress = onProgress;
  }

  add(namespace: string, { checked, pending, found }: PageComparison): void {
    // A record that differed before is compared by its key, and with its page.
    const differences = found.filter((difference) => !this.#differing.has(keyText(difference)));
    for (const difference of differences) this.#differing.add(keyText(difference));
    if (checked > 0) this.compared.add(namespace);
    this.checked += checked;
    this.pending += pending.length;
    this.late.push(...pending.slice(0, mostListed - this.late.length));
    this.differences += differences.length;
    this.listed.push(...differences.slice(0, mostListed - this.listed.length));
    this.#onProgress(this.checked);
  }

  /** Records to be compared again, which count as not yet compared. */
  takeLate(): readonly RecordKey[] {
    const again = this.late;
    this.late = [];
    this.pending -= again.length;
    return again;
  }
}

/**
 * A systematic random sample of a namespace: every n-th record, from a random one on. Each record is as likely as any
 * other, and neighbours, which were often written together and fail together, are not taken together.
 */
async function* sampledKeys(
  options: ComparisonOptions,
  namespace: string,
  count: number,
  share: number,
): AsyncGenerator<RecordKey[]> {
  const step = Math.max(1, count / share);
  const batch = options.comparesVectors ? recordsPerPageOfVectors : recordsPerPage;
  let [place, next, left] = [0, Math.random() * step, share];
  let keys: RecordKey[] = [];
  for await (const records of pagesOf({ ...options, comparesVectors: false }, options.leader, namespace)) {
    for (const { id } of records) {
      if (place++ < Math.floor(next) || left === 0) continue;
      keys.push({ namespace, id });
      next += step;
      left--;
      if (keys.length < batch) continue;
      yield keys;
      keys = [];
    }
    if (left === 0) break;
  }
  if (keys.length > 0) yield keys;
}

function pagesOf(
  options: ComparisonOptions,
  side: Side,
  namespace: string,
): AsyncIterable<readonly StoreRecord[]> {
  // A page of vectors has tens of times the bytes of one of texts.
  const pageSize = options.comparesVectors ? recordsPerPageOfVectors : recordsPerPage;
  return options.stores[side].range({ ...readOf(options, namespace), pageSize });
}

function readOf({ comparesVectors = false, signal }: PageOptions, namespace: string) {
  return { namespace, includeVectors: comparesVectors, ...(signal && { signal }) };
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
  if (surplus.length === 0) return { checked: 0, pending: [], found: [] };
  return await compareRecords(options, namespace, surplus, []);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

export interface PageComparison {
  readonly checked: number;
  /** Records that were left out because writes to them are under way. */
  readonly pending: readonly RecordKey[];
  readonly found: readonly StoreDifference[];
}

export type PageOptions = Pick<
  ComparisonOptions,
  "stores" | "leader" | "pending" | "signal" | "settleMs" | "comparesVectors"
>;

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

/** Compares these records of both stores; the list may be empty. */
export async function compareKeys(options: PageOptions, keys: readonly RecordKey[]): Promise<PageComparison> {
  const { stores, leader } = options;
  const sum = { checked: 0, pending: [] as RecordKey[], found: [] as StoreDifference[] };
  for (const namespace of new Set(keys.map((key) => key.namespace))) {
    const ids = keys.filter((key) => key.namespace === namespace).map(({ id }) => id);
    const records = await stores[leader].fetch(ids, readOf(options, namespace));
    const { checked, pending, found } = await compareRecords(options, namespace, ids, records);
    sum.checked += checked;
    sum.pending.push(...pending);
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
  const call = readOf(options, namespace);
  const follower = stores[otherSide(leader)];
  const keysOf = (ids: readonly string[]) => ids.map((id) => ({ namespace, id }));
  const busy = await pending(keysOf(ids));
  const settled = ids.filter((id) => !busy.has(id));
  const differing = async (left: readonly (StoreRecord | undefined)[], of: readonly string[]) => {
    const others = of.length === 0 ? [] : await follower.fetch(of, call);
    return of.flatMap((id, place) => {
      const problem = problemOf(left[place], others[place], options.comparesVectors);
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
  const late = [...ids.filter((id) => busy.has(id)), ...left];
  return { checked: ids.length - late.length, pending: keysOf(late), found };
}

function problemOf(
  left: StoreRecord | undefined,
  right: StoreRecord | undefined,
  comparesVectors = false,
): string | undefined {
  if (left === undefined) return right === undefined ? undefined : "only the follower has it";
  if (right === undefined) return "only the leader has it";
  if (left.text !== right.text) return "the texts differ";
  if (!isDeepStrictEqual(left.metadata ?? {}, right.metadata ?? {})) return "the metadata differ";
  return comparesVectors ? vectorProblem(left, right) : undefined;
}

/** By the rule of a migration's verification. */
function vectorProblem(left: StoreRecord, right: StoreRecord): string | undefined {
  const dense = [left.vector, right.vector] as const;
  const sparse = [left.sparseVector, right.sparseVector] as const;
  for (const [ours, theirs] of [dense, sparse]) {
    if ((ours === undefined) !== (theirs === undefined)) {
      return `only the ${ours === undefined ? "follower" : "leader"} has its vector`;
    }
  }
  const difference =
    (dense[0] && dense[1] && compareVectors(dense[0], dense[1], defaultVectorTolerance)) ??
    (sparse[0] && sparse[1] && compareSparseVectors(sparse[0], sparse[1], defaultVectorTolerance));
  return difference && `the vectors differ: ${difference.detail}`;
}
