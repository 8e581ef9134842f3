import { type Interval, wilsonInterval } from "../../evaluation/index.ts";
import { batchesOf } from "../../foundation/batches.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { maximumTopK } from "./ask.ts";
import { lengthOf } from "./metric.ts";
import { type QuerySubject, type SubjectKind, sampleRecords, subjectOf } from "./query.ts";
import { type SelfRetrievalMiss, SelfSearch } from "./self-search.ts";
import { type ComparedStore, describeSide } from "./side.ts";

export interface SelfRetrievalOptions extends CallOptions {
  /** What of a record is asked. Default `text`. */
  readonly subject?: SubjectKind;
  /** The records, as the store has to hold them, with the vectors if these are asked. Default: a sample. */
  readonly records?: readonly StoreRecord[];
  /** Maximum number of records; each is as likely as any other. Default 1,000. */
  readonly count?: number;
  readonly seed?: number;
  /** Depth of the first search, 1 to 1,000. Default 10. */
  readonly k?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SelfRetrievalReport {
  readonly store: string;
  readonly subject: SubjectKind;
  readonly k: number;
  /** Number of results of the second search, for records that the first did not find. */
  readonly depth: number;
  readonly checked: number;
  /** Number of records without a text or vector to ask by. */
  readonly notAsked: number;
  /** Share of records that come first. */
  readonly rateAtTop: number;
  /** 95 %. */
  readonly rateAtTopInterval: Interval | undefined;
  /** Share of records among the first k. */
  readonly rateAtK: number;
  readonly misses: readonly SelfRetrievalMiss[];
  /** Ids of records that a query returns with another text or other metadata than a fetch. */
  readonly stale: readonly string[];
  /** Number of records in the namespace, from which these were taken. */
  readonly recordCount: number;
  /** Ids of the records that were not found and that nothing explains. */
  readonly lost: readonly string[];
  /** Number of such records that an approximate search can explain. */
  readonly allowedLost: number;
  /** No record is stale, at most `allowedLost` were lost, and at most 5 % needed the second search. */
  readonly isSound: boolean;
  /** Records are not found because the index has not finished: ask again later. */
  readonly isUnfinished: boolean;
}

/**
 * The share of lost records that an approximate search can explain (our choice). It is 0 if the second search asks
 * for as many results as there are records: a search that returns everything cannot leave out one by approximation.
 */
const allowedLostShare = 0.01;

/**
 * The share of records that may need the second search (our choice): graph indexes find nearly all at k = 10. More of
 * them are a fault of the search, or have vectors of another model than the index embeds texts with.
 */
const allowedDeepShare = 0.05;

/** Concurrent queries. */
const concurrency = 8;

/**
 * Queries a store by the texts or vectors of its own records: each must find itself (MIG-7). A record that is not
 * among the first k is searched for among up to 1,000 results, and then fetched by its id.
 *
 * @throws {ServiceError | StorageError} of the store
 */
export async function selfRetrieval(
  compared: ComparedStore,
  options: SelfRetrievalOptions = {},
): Promise<SelfRetrievalReport> {
  const { subject = "text", count = 1_000, seed = 1, k = 10, signal, onProgress } = options;
  const call = { signal };
  const side = await describeSide("target", compared, call);
  const includeVectors = subject === "vector";
  const records =
    options.records?.slice(0, count) ??
    (await sampleRecords(compared, { count, seed, includeVectors }, call));
  const asked = records.flatMap((record) => {
    const own = subjectOf(record, subject);
    return own && !isZeroVector(own) ? [{ record, own }] : [];
  });
  const recordCount = side.info.namespaces[side.namespace] ?? 0;
  const depth = Math.min(maximumTopK, Math.max(k, recordCount));
  const search = new SelfSearch(side, k, depth, call);
  const stale: string[] = [];
  const misses: SelfRetrievalMiss[] = [];
  let done = 0;
  for (const batch of batchesOf(asked, concurrency)) {
    const found = await Promise.all(batch.map(({ record, own }) => search.find(record, own)));
    misses.push(...found.flatMap(({ miss }) => miss ?? []));
    stale.push(...(await search.staleOf(found.flatMap(({ match }) => match ?? []))));
    done += batch.length;
    onProgress?.(done, asked.length);
  }
  const isExhaustive = depth >= recordCount;
  // The inner product prefers long vectors, also to the vector itself.
  const mayBeDeep = subject === "vector" && side.metric === "DOT_PRODUCT";
  return reportOf(misses, mayBeDeep, {
    store: side.store.name,
    subject,
    k,
    depth,
    checked: asked.length,
    notAsked: records.length - asked.length,
    stale,
    recordCount,
    allowedLost: isExhaustive ? 0 : Math.floor(allowedLostShare * asked.length),
  });
}

type Conclusion =
  | "rateAtTop"
  | "rateAtTopInterval"
  | "rateAtK"
  | "misses"
  | "lost"
  | "isSound"
  | "isUnfinished";

function reportOf(
  misses: readonly SelfRetrievalMiss[],
  mayBeDeep: boolean,
  measured: Omit<SelfRetrievalReport, Conclusion>,
): SelfRetrievalReport {
  const { checked, k, allowedLost, stale } = measured;
  const lost = misses.filter(({ reason }) => reason === "not-found" || reason === "missing");
  const deep = misses.filter(({ rank }) => rank === undefined || rank > k);
  const unlikely = deep.filter(
    ({ reason }) => reason === "approximate" || (reason === "outscored" && !mayBeDeep),
  );
  const isUnfinished = misses.some(({ reason }) => reason === "not-indexed");
  const share = (count: number) => (checked === 0 ? 0 : 1 - count / checked);
  return {
    ...measured,
    rateAtTop: share(misses.length),
    rateAtTopInterval: checked === 0 ? undefined : wilsonInterval(checked - misses.length, checked),
    rateAtK: share(deep.length),
    misses,
    lost: lost.map(({ id }) => id),
    isSound:
      checked > 0 &&
      !isUnfinished &&
      stale.length === 0 &&
      lost.length <= allowedLost &&
      unlikely.length <= allowedDeepShare * checked,
    isUnfinished,
  };
}

/** Cosine has no neighbours for it, and indexes refuse it. */
function isZeroVector(subject: QuerySubject): boolean {
  return "vector" in subject && lengthOf(subject.vector) === 0;
}
