import { filterPredicate } from "../../store/filter.ts";
import type { CallOptions } from "../../store/store.ts";
import { type Norms, NormTally } from "../norms.ts";
import type { Answer } from "./ask.ts";
import { type ExactQuery, type ExactRanking, ExactSearch } from "./exact.ts";
import type { Metric } from "./metric.ts";
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

export interface SideNeighbours {
  /** In the order of the queries. */
  readonly rankings: readonly ExactRankings[];
  /** `undefined` if the side was not read. */
  readonly norms: Norms | undefined;
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
      if (record.vector) norms.add(record.vector);
      search.add(record);
    }
    done += page.length;
    onProgress(done);
  }
  for (const [order, ranking] of search.rankings().entries()) rankings[places[order] as number] = ranking;
  return { rankings, norms: norms.norms };
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
