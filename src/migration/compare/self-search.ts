import { isDeepStrictEqual } from "node:util";
import type { Match, StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { isTied, lengthOf, type Metric, similarities } from "./metric.ts";
import type { QuerySubject } from "./query.ts";
import type { Side } from "./side.ts";

/**
 * Why a record does not come first for its own text or vector.
 *
 * - `duplicate`: the first result has the same text or vector.
 * - `tie`: the first result has the same score.
 * - `outscored`: another record scores higher, as a longer text may with BM25, or a longer vector with DOT_PRODUCT.
 * - `no-words`: the index made no word of its text, so that no text can find it.
 * - `approximate`: it is found only among more results; a search that is not exact may leave it out.
 * - `not-indexed`: it is not found, and the index has not finished.
 * - `not-found`: the index returns it for its id, and not for its own text or vector among up to 1,000 results; or so
 *   far down for its text that its vector must come from another model.
 * - `missing`: the index does not return it for its id either.
 */
type MissReason =
  | "duplicate"
  | "tie"
  | "outscored"
  | "no-words"
  | "approximate"
  | "not-indexed"
  | "not-found"
  | "missing";

export interface SelfRetrievalMiss {
  readonly id: string;
  /** From 1; `undefined` if it was not returned. */
  readonly rank: number | undefined;
  readonly reason: MissReason;
  /** The record that came first. */
  readonly first: string | undefined;
}

/** Searches a store for its own records, and finds why one does not come first. */
export class SelfSearch {
  readonly #side: Side;
  readonly #k: number;
  readonly #depth: number;
  readonly #call: CallOptions & { readonly namespace: string };

  constructor(side: Side, k: number, depth: number, call: CallOptions) {
    this.#side = side;
    this.#k = k;
    this.#depth = depth;
    this.#call = { namespace: side.namespace, ...call };
  }

  /** The record as a query returned it, and why it did not come first. */
  async find(record: StoreRecord, own: QuerySubject): Promise<{ match?: Match; miss?: SelfRetrievalMiss }> {
    const matches = await this.#search(own, this.#k);
    const rank = rankOf(record, matches);
    const match = matches.find(({ id }) => id === record.id);
    if (match && rank === 1) return { match };
    const first = matches[0]?.id;
    if (match && rank !== undefined) {
      const reason = await this.#reasonForRank(record, own, matches, rank);
      return { match, miss: { id: record.id, rank, reason, first } };
    }
    const deep = this.#depth > this.#k ? await this.#search(own, this.#depth) : matches;
    const reason = await this.#reasonForDepth(record, own, matches, deep);
    return { miss: { id: record.id, rank: rankOf(record, deep), reason, first } };
  }

  /** Ids of matches that differ from the record that the store returns for the id. */
  async staleOf(matches: readonly Match[]): Promise<string[]> {
    const ids = matches.map(({ id }) => id);
    const records = ids.length === 0 ? [] : await this.#side.store.fetch(ids, this.#call);
    return matches.flatMap(({ id, text, metadata = {} }, place) => {
      const record = records[place];
      const isSame = record?.text === text && isDeepStrictEqual(record?.metadata ?? {}, metadata);
      return record === undefined || isSame ? [] : [id];
    });
  }

  async #reasonForDepth(
    record: StoreRecord,
    own: QuerySubject,
    matches: readonly Match[],
    deep: readonly Match[],
  ): Promise<MissReason> {
    const rank = rankOf(record, deep);
    if (rank === undefined) return await this.#reasonForAbsence(record, own, deep);
    if (isBetter(deep[rank - 1], matches.at(-1))) return "approximate";
    const reason = await this.#reasonForRank(record, own, deep, rank);
    // An index that embeds a text as it embedded the record has no better result for it than the record.
    const isForeign = reason === "outscored" && "text" in own && this.#side.info.type === "DENSE";
    return isForeign ? "not-found" : reason;
  }

  #search(own: QuerySubject, topK: number): Promise<Match[]> {
    return this.#side.store.query({ ...own, topK }, this.#call);
  }

  async #reasonForRank(
    record: StoreRecord,
    own: QuerySubject,
    matches: readonly Match[],
    rank: number,
  ): Promise<MissReason> {
    const [first] = matches;
    if (first && (await this.#isDuplicate(record, own, first))) return "duplicate";
    return isTied("DOT_PRODUCT", first?.score ?? 0, matches[rank - 1]?.score ?? 0) ? "tie" : "outscored";
  }

  async #isDuplicate(record: StoreRecord, own: QuerySubject, first: Match): Promise<boolean> {
    if ("text" in own) return first.text === record.text;
    const [other] = await this.#fetch(first.id);
    return other?.vector !== undefined && isSameVector(own.vector, other.vector);
  }

  #fetch(id: string): Promise<(StoreRecord | undefined)[]> {
    return this.#side.store.fetch([id], { ...this.#call, includeVectors: true });
  }

  /** Not among the most results that an index gives. */
  async #reasonForAbsence(
    record: StoreRecord,
    own: QuerySubject,
    deep: readonly Match[],
  ): Promise<MissReason> {
    const [held] = await this.#fetch(record.id);
    if (held === undefined) return "missing";
    if (this.#side.info.pendingCount > 0) return "not-indexed";
    if ("text" in own) {
      if (held.vector === undefined && held.sparseVector?.indices.length === 0) return "no-words";
      const isFull = deep.length === this.#depth && deep.every(({ text }) => text === record.text);
      return isFull ? "duplicate" : "not-found";
    }
    return await this.#reasonForVector(own.vector, deep);
  }

  /** It is explained if even the last of all results is as similar to the vector as the vector itself. */
  async #reasonForVector(
    vector: NonNullable<StoreRecord["vector"]>,
    deep: readonly Match[],
  ): Promise<MissReason> {
    const last = deep.at(-1);
    const metric: Metric | undefined = this.#side.metric;
    if (last === undefined || metric === undefined || deep.length < this.#depth) return "not-found";
    const [other] = await this.#fetch(last.id);
    if (other?.vector === undefined) return "not-found";
    const exact = Float64Array.from(vector);
    const own = similarities(exact, lengthOf(vector), vector)[metric];
    const theirs = similarities(exact, lengthOf(vector), other.vector)[metric];
    if (isTied(metric, own, theirs)) return "tie";
    return theirs > own ? "outscored" : "not-found";
  }
}

/** From 1. */
function rankOf({ id }: StoreRecord, matches: readonly Match[]): number | undefined {
  const place = matches.findIndex((match) => match.id === id);
  return place < 0 ? undefined : place + 1;
}

function isBetter(found: Match | undefined, last: Match | undefined): boolean {
  if (found === undefined) return false;
  return last === undefined || (found.score > last.score && !isTied("DOT_PRODUCT", found.score, last.score));
}

function isSameVector(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let place = 0; place < left.length; place++) {
    if (Math.fround(left[place] as number) !== Math.fround(right[place] as number)) return false;
  }
  return true;
}
