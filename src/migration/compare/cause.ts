import { type Answer, isTiedByScore } from "./ask.ts";
import type { AskedQuery } from "./asked-query.ts";
import type { ExactRanking } from "./exact.ts";
import type { Inventory, RecordPart } from "./inventory.ts";
import type { Metric } from "./metric.ts";
import type { Side, SideName, VectorRelation } from "./side.ts";

/** Why one side returned a record and the other did not. */
export const causes = [
  "missing-record",
  "extra-record",
  "altered-record",
  "displaced",
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

/** A record that one side alone returned. */
export interface Difference {
  readonly id: string;
  /** The side that returned it. */
  readonly returnedBy: SideName;
  readonly cause: Cause;
}

/** What is known of the two sides when a difference is explained. */
export interface Evidence {
  readonly sides: Readonly<Record<SideName, Side>>;
  /** The metrics that the answers follow. */
  readonly metrics: Readonly<Record<SideName, Metric | undefined>>;
  readonly relation: VectorRelation;
  readonly inventory: Inventory;
}

/** Every record among the first `depth` of one side alone, with its cause. */
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
 * Records that both sides have among the first `depth`, in another order: each once, with the cause at the least
 * depth that it shows at.
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
 * The records come first: one that the other side lacks, or holds with another vector, explains itself. Then the
 * exact neighbours of each side tell which side erred; where neither did, what they differ in is the cause.
 */
function causeOf(
  id: string,
  returnedBy: SideName,
  asked: AskedQuery,
  depth: number,
  evidence: Evidence,
): Cause {
  const { inventory, metrics, relation } = evidence;
  if (returnedBy === "source" && inventory.missing.has(id)) return "missing-record";
  if (returnedBy === "target" && inventory.extra.has(id)) return "extra-record";
  if (inventory.isAltered(id, decisiveParts(asked, evidence))) return "altered-record";
  const silent = other(returnedBy);
  const own = rankingOf(asked, returnedBy, metrics[returnedBy]);
  const others = rankingOf(asked, silent, metrics[silent]);
  if (!own || !others) return causeWithoutVectors(id, returnedBy, asked, depth, evidence);
  if (asked.query.filter && own.holds(id) && !others.holds(id)) return "joined-metadata";
  const [ownPlace, otherPlace] = [own.placeOf(id, depth), others.placeOf(id, depth)];
  if (ownPlace === "outside") return searchFault(returnedBy, asked, own, depth, evidence);
  if (otherPlace === "inside") return searchFault(silent, asked, others, depth, evidence);
  if (ownPlace === "tie" || otherPlace === "tie") return "tie";
  if (relation === "re-embedded") return "model";
  // What the target's metric makes of the source's vectors: the same as of its own, unless records differ.
  const foretold = asked.exact.source?.[metrics.target as Metric].placeOf(id, depth);
  if (foretold === "tie") return "tie";
  const isInTarget = returnedBy === "target";
  if ((foretold === "inside") === isInTarget) return "metric";
  // Where all records are the same, only what the filter lets through can push one in or out.
  return asked.query.filter && inventory.isSound ? "joined-metadata" : "displaced";
}

function rankingOf(asked: AskedQuery, side: SideName, metric: Metric | undefined): ExactRanking | undefined {
  return metric && asked.exact[side]?.[metric];
}

/** A side left out a true neighbour, or returned what is none. */
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

/** Where a query is a text, or an index has no dense vectors, only scores and states can tell. */
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

/** The parts of a record that decide whether a query finds it. */
function decisiveParts({ query }: AskedQuery, { relation }: Evidence): RecordPart[] {
  const content: RecordPart = relation === "carried" && "vector" in query.target ? "vector" : "text";
  const parts: RecordPart[] = content === "text" && relation === "carried" ? ["text", "vector"] : [content];
  return query.filter ? [...parts, "metadata"] : parts;
}
