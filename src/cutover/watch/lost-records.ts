import type { Side } from "../../state/cutover/rows.ts";
import { otherSide } from "../parts.ts";
import { type CountOptions, countRecords, unequalNamespaces } from "./record-counts.ts";

/** A store that has lost most of its records, as one that was made again, empty, under the same address. */
export interface LostRecords {
  readonly side: Side;
  readonly isLeading: boolean;
  readonly namespace: string;
  /** Records of the namespace in this store, and in the other one. */
  readonly held: number;
  readonly others: number;
}

/** A store with less than this share of the other one's records has lost them. Below that, single records differ. */
const lostShare = 0.5;

/** Whether a store with so few records has lost some: more than writes that are under way explain. */
export function isLoss(held: number, others: number, underWay: number): boolean {
  return held + underWay < lostShare * others;
}

/**
 * Looks for a store that holds far fewer records than the other one, at each of several looks, and fewer than writes
 * that are under way explain.
 *
 * @throws {ServiceError | StorageError} if a store cannot be read
 */
export async function findLostRecords(options: CountOptions): Promise<LostRecords | undefined> {
  const { leader } = options;
  const unequal = await unequalNamespaces(options);
  if (unequal.length === 0) return undefined;
  const [counts, underWay] = [await countRecords(options), await options.underWay(unequal)];
  const found = unequal.flatMap((namespace): LostRecords[] => {
    const { leader: ours = 0, follower: theirs = 0 } = counts.get(namespace) ?? {};
    const isLeading = ours < theirs;
    const [held, others] = isLeading ? [ours, theirs] : [theirs, ours];
    const side = isLeading ? leader : otherSide(leader);
    return isLoss(held, others, underWay) ? [{ side, isLeading, namespace, held, others }] : [];
  });
  return found.toSorted((left, right) => right.others - right.held - (left.others - left.held))[0];
}

/** For example: "the target holds 3 records, and the source 765". */
export function lostWords({ side, held, others, namespace }: LostRecords): string {
  const place = namespace === "" ? "" : ` in the namespace ${JSON.stringify(namespace)}`;
  return `the ${side} has lost records${place}: it holds ${held.toLocaleString("en")}, and the ${otherSide(side)} ${others.toLocaleString("en")}`;
}

/** What a person does about it. */
export function lostHint({ side, isLeading }: LostRecords): string {
  return isLeading
    ? `Nothing that it lacks is copied from it. Restore the ${side} (ragfood backup restore), or let the other store lead`
    : "Find out why (ragfood doctor). Running processes copy every record to it again; then: ragfood cutover verify";
}
