import { type Interval, wilsonInterval } from "../../evaluation/index.ts";
import type { Match, StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { isTied } from "./metric.ts";
import { sampleIds } from "./query.ts";
import type { ComparedStore } from "./side.ts";

export interface SelfRetrievalOptions extends CallOptions {
  /** Records at the most; each is as likely as any other. Default 200. */
  readonly count?: number;
  readonly seed?: number;
  /** Depth of the search, 1 to 1,000. Default 10. */
  readonly k?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Why a record is not first for its own text. `duplicate-text`: the first one has the same text. `tie`: the
 * first one scores the same. `outscored`: another one scores higher, as a longer text may under BM25.
 * `not-indexed`: it is not found, and the index has not finished. `not-found`: nothing explains it.
 */
export type MissReason = "duplicate-text" | "tie" | "outscored" | "not-indexed" | "not-found";

export interface SelfRetrievalMiss {
  readonly id: string;
  /** From 1; `undefined` where it is not among the first k. */
  readonly rank: number | undefined;
  readonly reason: MissReason;
  /** The record that came first. */
  readonly first: string | undefined;
}

export interface SelfRetrievalReport {
  readonly store: string;
  readonly k: number;
  readonly checked: number;
  /** Sampled records without a text to ask by. */
  readonly withoutText: number;
  /** Share of records that are first for their own text, and among the first k. */
  readonly rateAtTop: number;
  /** 95 %. */
  readonly rateAtTopInterval: Interval | undefined;
  readonly rateAtK: number;
  readonly misses: readonly SelfRetrievalMiss[];
  /** Whether no record stayed unfound without a reason. */
  readonly isSound: boolean;
}

/**
 * Asks a store by the texts of its own records: each ought to find itself (MIG-7).
 *
 * @throws {ServiceError | StorageError} of the store
 */
export async function selfRetrieval(
  { store, namespace = "" }: ComparedStore,
  options: SelfRetrievalOptions = {},
): Promise<SelfRetrievalReport> {
  const { count = 200, seed = 1, k = 10, signal, onProgress } = options;
  const call = { namespace, ...(signal && { signal }) };
  const { pendingCount } = await store.info(call);
  const ids = await sampleIds({ store, namespace }, count, seed, call);
  const records = (await store.fetch(ids, call)).filter((record) => record !== undefined);
  const misses: SelfRetrievalMiss[] = [];
  let checked = 0;
  for (const [place, record] of records.entries()) {
    onProgress?.(place + 1, records.length);
    if (record.text === undefined || record.text.trim() === "") continue;
    checked++;
    const matches = await store.query({ text: record.text, topK: k }, call);
    const rank = matches.findIndex(({ id }) => id === record.id);
    if (rank === 0) continue;
    misses.push({
      id: record.id,
      rank: rank < 0 ? undefined : rank + 1,
      reason: reasonFor(record, matches, rank, pendingCount > 0),
      first: matches[0]?.id,
    });
  }
  const lost = misses.filter((miss) => miss.rank === undefined).length;
  return {
    store: store.name,
    k,
    checked,
    withoutText: records.length - checked,
    rateAtTop: checked === 0 ? 0 : 1 - misses.length / checked,
    rateAtTopInterval: checked === 0 ? undefined : wilsonInterval(checked - misses.length, checked),
    rateAtK: checked === 0 ? 0 : 1 - lost / checked,
    misses,
    isSound: checked > 0 && misses.every(({ reason }) => reason !== "not-found" && reason !== "not-indexed"),
  };
}

function reasonFor(
  record: StoreRecord,
  matches: readonly Match[],
  rank: number,
  isPending: boolean,
): MissReason {
  const [first] = matches;
  if (first?.text === record.text) return "duplicate-text";
  if (rank < 0) return isPending ? "not-indexed" : "not-found";
  const isLevel = isTied("DOT_PRODUCT", first?.score ?? 0, matches[rank]?.score ?? 0);
  return isLevel ? "tie" : "outscored";
}
