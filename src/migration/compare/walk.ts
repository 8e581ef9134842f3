import { filterPredicate } from "../../store/filter.ts";
import type { CallOptions } from "../../store/store.ts";
import type { Answer } from "./ask.ts";
import type { AskedQuery, Foretold } from "./asked-query.ts";
import { type ExactQuery, ExactSearch } from "./exact.ts";
import { Inventory, NormCounter, type NormSummary } from "./inventory.ts";
import type { ComparisonQuery } from "./query.ts";
import type { Side, SideName, VectorRelation } from "./side.ts";

/** Records that are read at a time. */
const pageSize = 200;

export interface Walk {
  readonly inventory: Inventory;
  readonly norms: Readonly<Record<SideName, NormSummary | undefined>>;
  readonly asked: readonly AskedQuery[];
}

export type Answered = Omit<AskedQuery, "exact">;

/**
 * Reads every record of both sides once, in memory bounded by a page and by the ids: compares the records, and
 * finds the exact neighbours of each query.
 *
 * @param onProgress records read of both
 */
export async function walk(
  source: Side,
  target: Side,
  relation: VectorRelation,
  answered: readonly Answered[],
  k: number,
  call: CallOptions,
  onProgress: (done: number) => void = () => {},
): Promise<Walk> {
  const inventory = new Inventory(relation === "carried");
  const searches = { source: searchFor(source, answered, k), target: searchFor(target, answered, k) };
  const norms = { source: new NormCounter(), target: new NormCounter() };
  let done = 0;
  for await (const page of readPages(source, call)) {
    const ids = page.map(({ id }) => id);
    const options = { namespace: target.namespace, includeVectors: relation === "carried", ...call };
    const partners = await target.store.fetch(ids, options);
    for (const [place, record] of page.entries()) {
      inventory.addSource(record, partners[place]);
      norms.source.add(record);
      searches.source.search?.add(record);
    }
    done += page.length;
    onProgress(done);
  }
  for await (const page of readPages(target, call)) {
    for (const record of page) {
      inventory.addTarget(record.id);
      norms.target.add(record);
      searches.target.search?.add(record);
    }
    done += page.length;
    onProgress(done);
  }
  const [foretoldSource, foretoldTarget] = [searches.source.rankings(), searches.target.rankings()];
  return {
    inventory,
    norms: { source: norms.source.summary(), target: norms.target.summary() },
    asked: answered.map((query, place) => ({
      ...query,
      exact: { source: foretoldSource[place], target: foretoldTarget[place] },
    })),
  };
}

function readPages({ store, namespace, info }: Side, call: CallOptions) {
  return store.range({ namespace, pageSize, includeVectors: info.type !== "SPARSE", ...call });
}

/** The exact search for the queries of a side that are vectors, where that side's answers can be foretold. */
function searchFor(side: Side, answered: readonly Answered[], k: number) {
  const places = side.isForetellable
    ? answered.flatMap(({ query }, place) => ("vector" in query[side.name] ? [place] : []))
    : [];
  const search =
    places.length > 0
      ? new ExactSearch(
          places.map((place) => exactQuery(answered[place] as Answered, side.name)),
          k,
        )
      : undefined;
  return {
    search,
    rankings: (): Foretold[] => {
      const found: Foretold[] = answered.map(() => undefined);
      for (const [order, ranking] of (search?.rankings() ?? []).entries())
        found[places[order] as number] = ranking;
      return found;
    },
  };
}

function exactQuery({ query, answers }: Answered, side: SideName): ExactQuery {
  const subject = query[side] as Extract<ComparisonQuery["source"], { vector: unknown }>;
  const idsOf = ({ ids }: Answer) => ids;
  return {
    vector: subject.vector,
    leaveOut: query.leaveOut,
    accepts: query.filter && filterPredicate(query.filter),
    watched: new Set([...idsOf(answers.source), ...idsOf(answers.target)]),
  };
}
