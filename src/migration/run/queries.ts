import type { StoreInfo } from "../../store/store.ts";
import { type ComparedStore, type ComparisonQuery, leaveOneOutQueries } from "../compare/index.ts";
import type { PhaseContext } from "./phase.ts";

/** Queries that both sides are asked. */
const queryCount = 200;

/** Why the two sides cannot be asked the same; `undefined` where they can. */
export function comparisonObstacle({ migration }: Pick<PhaseContext, "migration">): string | undefined {
  const { source, target } = migration;
  if (target.info.type === "DENSE" || source.store !== undefined) return undefined;
  return `the target is ${target.info.type} and is asked by texts, which a source of files cannot embed: ask both by golden queries with a server, or carry the vectors`;
}

/** Records of the source, each asked by its own vector, or by its text where the target is not dense alone. */
export async function comparisonQueries(
  source: ComparedStore,
  target: ComparedStore,
  signal: AbortSignal,
): Promise<ComparisonQuery[]> {
  const infos: StoreInfo[] = [await source.store.info({ signal }), await target.store.info({ signal })];
  const subject = infos.every(({ type }) => type === "DENSE") ? "vector" : "text";
  return await leaveOneOutQueries(source, target, { count: queryCount, subject, signal });
}
