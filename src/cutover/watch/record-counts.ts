import { setTimeout as wait } from "node:timers/promises";
import type { Side } from "../../state/cutover/rows.ts";
import type { VectorStore } from "../../store/store.ts";
import { otherSide } from "../parts.ts";

/** Further looks at what differs: a write may have reached one store between two reads, and a difference that stays is one. */
export const furtherLooks = 3;

/** Milliseconds between two looks. */
export const defaultSettleMs = 700;

export interface CountOptions {
  readonly stores: Readonly<Record<Side, VectorStore>>;
  readonly leader: Side;
  /** The number of writes that the follower may lack; `Infinity` if one of them empties one of these namespaces. */
  readonly underWay: (namespaces: readonly string[]) => Promise<number>;
  readonly signal?: AbortSignal | undefined;
  readonly settleMs?: number;
}

interface RecordCounts {
  readonly leader: number;
  readonly follower: number;
}

/** By namespace of either store. */
export async function countRecords({
  stores,
  leader,
  signal,
}: Pick<CountOptions, "stores" | "leader" | "signal">): Promise<Map<string, RecordCounts>> {
  const call = signal ? { signal } : {};
  const [ours, others] = await Promise.all([stores[leader].info(call), stores[otherSide(leader)].info(call)]);
  const names = new Set([...Object.keys(ours.namespaces), ...Object.keys(others.namespaces)]);
  const countsOf = (name: string): RecordCounts => ({
    leader: ours.namespaces[name] ?? 0,
    follower: others.namespaces[name] ?? 0,
  });
  return new Map([...names].map((name) => [name, countsOf(name)]));
}

/** Namespaces whose numbers of records differ at each of several looks, by more than writes that are under way explain. */
export async function unequalNamespaces(options: CountOptions): Promise<string[]> {
  const { underWay, settleMs = defaultSettleMs, signal } = options;
  let unequal: string[] | undefined;
  for (let look = 0; look <= furtherLooks; look++) {
    if (look > 0) await wait(settleMs, undefined, signal ? { signal } : {});
    const before = await underWay([]);
    const counts = await countRecords(options);
    const explained = Math.max(before, await underWay([...counts.keys()]));
    const differs = (name: string) => {
      const count = counts.get(name);
      return count !== undefined && Math.abs(count.leader - count.follower) > explained;
    };
    unequal = (unequal ?? [...counts.keys()]).filter(differs);
    if (unequal.length === 0) break;
  }
  return unequal ?? [];
}
