import type { StoreRecord } from "../../store/document.ts";
import { filterPredicate } from "../../store/filter.ts";
import type { CallOptions } from "../../store/store.ts";
import type { Answer } from "./ask.ts";
import { type ExactQuery, type ExactRanking, ExactSearch } from "./exact.ts";
import { lengthOf, type Metric } from "./metric.ts";
import type { ComparisonQuery } from "./query.ts";
import type { Side, SideName } from "./side.ts";

/** The exact neighbours of one query under every metric; `undefined` if they cannot be computed. */
type ExactRankings = Readonly<Record<Metric, ExactRanking>> | undefined;

/** A query with the answers of both sides. */
export interface Answered {
  readonly query: ComparisonQuery;
  readonly answers: Readonly<Record<SideName, Answer>>;
}

/** The same with the exact answers. */
export interface AskedQuery extends Answered {
  readonly exact: Readonly<Record<SideName, ExactRankings>>;
}

/** Lengths of vectors; cosine and distance rank alike if all are equal. */
export interface NormSummary {
  readonly count: number;
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

export interface SideNeighbours {
  /** In the order of the queries. */
  readonly rankings: readonly ExactRankings[];
  /** `undefined` if the side was not read. */
  readonly norms: NormSummary | undefined;
}

/** Records that are read at a time. */
const pageSize = 200;

/**
 * Reads every vector of a side once and finds the exact neighbours of each query, in memory bounded by a page. A side
 * whose answers do not follow from vectors is not read.
 *
 * @param onProgress receives the number of records read
 */
export async function exactNeighbours(
  side: Side,
  answered: readonly Answered[],
  k: number,
  call: CallOptions,
  onProgress: (done: number) => void,
): Promise<SideNeighbours> {
  const places = side.hasExactNeighbours
    ? answered.flatMap(({ query }, place) => ("vector" in query[side.name] ? [place] : []))
    : [];
  const rankings: ExactRankings[] = answered.map(() => undefined);
  if (places.length === 0) return { rankings, norms: undefined };
  const search = new ExactSearch(
    places.map((place) => exactQuery(answered[place] as Answered, side.name)),
    k,
  );
  const norms = new NormTally();
  const options = { namespace: side.namespace, pageSize, includeVectors: true, ...call };
  let done = 0;
  for await (const page of side.store.range(options)) {
    for (const record of page) {
      norms.add(record);
      search.add(record);
    }
    done += page.length;
    onProgress(done);
  }
  for (const [order, ranking] of search.rankings().entries()) rankings[places[order] as number] = ranking;
  return { rankings, norms: norms.summary() };
}

function exactQuery({ query, answers }: Answered, side: SideName): ExactQuery {
  const subject = query[side] as Extract<ComparisonQuery["source"], { vector: unknown }>;
  return {
    vector: subject.vector,
    leaveOut: query.leaveOut,
    accepts: query.filter && filterPredicate(query.filter),
    watched: new Set([...answers.source.ids, ...answers.target.ids]),
  };
}

class NormTally {
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;

  add({ vector }: StoreRecord): void {
    if (!vector) return;
    const norm = lengthOf(vector);
    this.#count++;
    this.#sum += norm;
    this.#minimum = Math.min(this.#minimum, norm);
    this.#maximum = Math.max(this.#maximum, norm);
  }

  summary(): NormSummary | undefined {
    if (this.#count === 0) return undefined;
    const [count, minimum, maximum] = [this.#count, this.#minimum, this.#maximum];
    return { count, minimum, mean: this.#sum / count, maximum };
  }
}
