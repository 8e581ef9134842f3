import { type Answer, isTiedByScore } from "./ask.ts";
import type { ExactRanking } from "./exact.ts";
import type { AskedQuery } from "./exact-neighbours.ts";
import type { Metric } from "./metric.ts";
import type { Side, SideName, VectorRelation } from "./side.ts";

/** Why one side returned a record and the other did not. */
const causes = [
  "records",
  "joined-metadata",
  "filter",
  "source-indexing",
  "target-indexing",
  "source-search",
  "target-search",
  "metric",
  "model",
  "tie",
  "unexplained",
] as const;
export type Cause = (typeof causes)[number];

/** A record that only one side returned. */
export interface Difference {
  readonly id: string;
  /** The side that returned it. */
  readonly returnedBy: SideName;
  readonly cause: Cause;
}

/** What explains a difference. */
export interface Evidence {
  readonly sides: Readonly<Record<SideName, Side>>;
  /** The metrics that the answers follow. */
  readonly metrics: Readonly<Record<SideName, Metric | undefined>>;
  readonly relation: VectorRelation;
  /** Ids that a side does not hold, of those that the other side returned. */
  readonly absent: Readonly<Record<SideName, ReadonlySet<string>>>;
}

/** Every record among the first `depth` of only one side, with its cause. */
export function differences(asked: AskedQuery, depth: number, evidence: Evidence): Difference[] {
  const heads = {
    source: asked.answers.source.ids.slice(0, depth),
    target: asked.answers.target.ids.slice(0, depth),
  };
  return (["source", "target"] as const).flatMap((returnedBy) => {
    const others = new Set(heads[other(returnedBy)]);
    return heads[returnedBy]
      .filter((id) => !others.has(id))
      .map((id) => ({ id, returnedBy, cause: causeOf(id, returnedBy, asked, depth, evidence) }));
  });
}

/**
 * Records that both sides have among the first `depth`, in another order: each once, with the cause at the smallest
 * depth at which it shows.
 */
export function orderDifferences(asked: AskedQuery, depth: number, evidence: Evidence): Difference[] {
  const shared = new Set(asked.answers.source.ids.filter((id) => asked.answers.target.ids.includes(id)));
  const found = new Map<string, Difference>();
  for (let shallow = 1; shallow < depth; shallow++) {
    for (const difference of differences(asked, shallow, evidence)) {
      if (shared.has(difference.id) && !found.has(difference.id)) found.set(difference.id, difference);
    }
  }
  return [...found.values()];
}

function other(side: SideName): SideName {
  return side === "source" ? "target" : "source";
}

/**
 * A record that the other side does not hold explains itself. Then the exact neighbours of each side show which side
 * erred; if neither did, the cause is what the sides differ in.
 */
function causeOf(
  id: string,
  returnedBy: SideName,
  asked: AskedQuery,
  depth: number,
  evidence: Evidence,
): Cause {
  const { absent, metrics, relation } = evidence;
  const silent = other(returnedBy);
  if (absent[silent].has(id)) return "records";
  const own = rankingOf(asked, returnedBy, metrics[returnedBy]);
  const others = rankingOf(asked, silent, metrics[silent]);
  if (!own || !others) return causeWithoutVectors(id, returnedBy, asked, depth, evidence);
  if (asked.query.filter && own.holds(id) && !others.holds(id)) return "joined-metadata";
  const [ownPlace, otherPlace] = [own.placeOf(id, depth), others.placeOf(id, depth)];
  if (ownPlace === "outside") return searchFault(returnedBy, asked, own, depth, evidence);
  if (otherPlace === "inside") return searchFault(silent, asked, others, depth, evidence);
  if (ownPlace === "tie" || otherPlace === "tie") return "tie";
  if (relation === "re-embedded") return "model";
  // The target's metric over the source's vectors: as over its own, unless the records differ.
  const expected = asked.exact.source?.[metrics.target as Metric].placeOf(id, depth);
  if (expected === "tie") return "tie";
  if ((expected === "inside") === (returnedBy === "target")) return "metric";
  return asked.query.filter ? "joined-metadata" : "records";
}

function rankingOf(asked: AskedQuery, side: SideName, metric: Metric | undefined): ExactRanking | undefined {
  return metric && asked.exact[side]?.[metric];
}

/** A side missed an exact neighbour, or returned a record that is not one. */
function searchFault(
  side: SideName,
  asked: AskedQuery,
  ranking: ExactRanking,
  depth: number,
  { sides }: Evidence,
): Cause {
  if (sides[side].info.pendingCount > 0) return `${side}-indexing`;
  const returned = asked.answers[side].ids.length;
  const isShort = returned < Math.min(depth, ranking.matching);
  const isTooLong = returned > ranking.matching;
  return asked.query.filter && (isShort || isTooLong) ? "filter" : `${side}-search`;
}

/** If a query is a text, or an index has no dense vectors, only scores and states explain a difference. */
function causeWithoutVectors(
  id: string,
  returnedBy: SideName,
  { answers }: AskedQuery,
  depth: number,
  { sides, relation }: Evidence,
): Cause {
  const answer: Answer = answers[returnedBy];
  if (isTiedByScore(answer, id, depth)) return "tie";
  if (relation === "re-embedded") return "model";
  for (const side of ["target", "source"] as const) {
    if (sides[side].info.pendingCount > 0) return `${side}-indexing`;
  }
  return "unexplained";
}
