import type { StoreRecord } from "../../store/document.ts";
import type { StoreInfo } from "../../store/store.ts";
import {
  type ComparedStore,
  type ComparisonQuery,
  leaveOneOutQueries,
  type SideName,
  type SubjectKind,
  type VectorRelation,
} from "../compare/index.ts";
import type { Migration, OpenTarget } from "./migration.ts";

/** Number of queries for both sides. */
const queryCount = 200;

/** Both sides of a migration, open for queries. */
export interface Sides {
  readonly source: ComparedStore;
  readonly target: OpenTarget;
}

/** Why the two sides cannot be queried about the same records; `undefined` if they can. */
export function comparisonObstacle({ source, target, dimension }: Migration): string | undefined {
  if (source.store === undefined && dimension === 0) {
    return "the source is files without dense vectors, so no exact index can replace it";
  }
  if (target.embedding === "target" || target.info.type === "DENSE" || hasModel(target.info))
    return undefined;
  return `the target is ${target.info.type} and has no model, so that it takes no texts`;
}

/** How the two sides are asked about a record. */
interface Approach {
  /** What of the record is asked. */
  readonly subject: Readonly<Record<SideName, SubjectKind>>;
  /**
   * Whether their answers follow from the same vectors. The migration knows whether these were carried; the
   * descriptions of two indexes do not show it. Indexes of two kinds each rank by their own.
   */
  readonly vectors: VectorRelation;
}

/**
 * By its vector, if both are dense only; else by its text. A source that cannot embed, as files, is asked by the
 * vector that it has, and the target by the text.
 */
export async function approachTo(
  { source: { store } }: Migration,
  { source, target }: Sides,
  signal: AbortSignal,
): Promise<Approach> {
  const own = await source.store.info({ signal });
  const other = await target.store.info({ signal });
  const isAlike = own.type === other.type;
  const vectors = target.embedding === "carried" && isAlike ? "carried" : "re-embedded";
  if (isAlike && own.type === "DENSE") return { subject: { source: "vector", target: "vector" }, vectors };
  const isOfVectorsAlone = store === undefined || !hasModel(own);
  return { subject: { source: isOfVectorsAlone ? "vector" : "text", target: "text" }, vectors };
}

function hasModel({ embeddingModel, sparseEmbeddingModel }: StoreInfo): boolean {
  return embeddingModel !== "" || sparseEmbeddingModel !== "";
}

/** Records of the source, each a query to both sides. */
export async function comparisonQueries(
  { source, target }: Sides,
  { subject, vectors }: Approach,
  records: readonly StoreRecord[],
  signal: AbortSignal,
): Promise<ComparisonQuery[]> {
  return await leaveOneOutQueries(source, target, { records, count: queryCount, subject, vectors, signal });
}
