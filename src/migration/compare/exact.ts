import type { StoreRecord, Vector } from "../../store/document.ts";
import { isTied, lengthOf, type Metric, metrics, similarities } from "./metric.ts";

export interface ExactQuery {
  readonly vector: Vector;
  /** The record that no ranking contains. */
  readonly leaveOut: string | undefined;
  /** Which records count. Default: all. */
  readonly accepts: ((metadata: unknown) => boolean) | undefined;
  /** Ids whose similarity is kept at any rank. */
  readonly watched: ReadonlySet<string>;
}

/** The place of a record among the exact neighbours; `tie`: float32 may put it on either side of the border. */
export type Place = "inside" | "tie" | "outside";

/** The exact neighbours of one query under one metric. */
export class ExactRanking {
  readonly #metric: Metric;
  readonly #size: number;
  /** Best first, one more than is asked for, to recognise a tie at the border. */
  readonly #best: { readonly id: string; readonly score: number }[] = [];
  readonly #watched = new Map<string, number>();
  /** Records that count for the query. */
  matching = 0;

  constructor(metric: Metric, k: number) {
    this.#metric = metric;
    this.#size = k + 1;
  }

  add(id: string, score: number, isWatched: boolean): void {
    this.matching++;
    if (isWatched) this.#watched.set(id, score);
    const best = this.#best;
    const last = best[this.#size - 1];
    if (last && score <= last.score) return;
    let place = best.length;
    while (place > 0 && score > (best[place - 1]?.score as number)) place--;
    best.splice(place, 0, { id, score });
    if (best.length > this.#size) best.pop();
  }

  /** The ids of the nearest `k`, best first. */
  ids(k: number): string[] {
    return this.#best.slice(0, k).map(({ id }) => id);
  }

  /** Whether a watched record counts for the query. */
  holds(id: string): boolean {
    return this.#watched.has(id);
  }

  /** The place of a watched record; `outside` if the store does not hold it. */
  placeOf(id: string, depth: number): Place {
    const score = this.#watched.get(id);
    if (score === undefined) return "outside";
    const border = this.#best[depth - 1]?.score ?? Number.NEGATIVE_INFINITY;
    const next = this.#best[depth]?.score;
    const isBorderTied = next !== undefined && isTied(this.#metric, border, next);
    if (isBorderTied && isTied(this.#metric, score, border)) return "tie";
    return score >= border ? "inside" : "outside";
  }
}

/**
 * The exact neighbours of many queries under every metric, in one pass over the records: what a store should answer,
 * and would answer under another metric.
 */
export class ExactSearch {
  readonly #queries: {
    readonly query: ExactQuery;
    readonly vector: Float64Array;
    readonly norm: number;
    readonly rankings: Readonly<Record<Metric, ExactRanking>>;
  }[];

  constructor(queries: readonly ExactQuery[], k: number) {
    this.#queries = queries.map((query) => ({
      query,
      vector: Float64Array.from(query.vector),
      norm: lengthOf(query.vector),
      rankings: {
        COSINE: new ExactRanking("COSINE", k),
        EUCLIDEAN: new ExactRanking("EUCLIDEAN", k),
        DOT_PRODUCT: new ExactRanking("DOT_PRODUCT", k),
      },
    }));
  }

  /** Adds a record; one without a vector of the queries' length is in no ranking. */
  add({ id, vector, metadata }: StoreRecord): void {
    if (!vector) return;
    for (const { query, vector: own, norm, rankings } of this.#queries) {
      if (query.leaveOut === id || own.length !== vector.length) continue;
      if (query.accepts && !query.accepts(metadata)) continue;
      const scores = similarities(own, norm, vector);
      const isWatched = query.watched.has(id);
      for (const metric of metrics) rankings[metric].add(id, scores[metric], isWatched);
    }
  }

  /** In the order of the queries. */
  rankings(): Readonly<Record<Metric, ExactRanking>>[] {
    return this.#queries.map(({ rankings }) => rankings);
  }
}
