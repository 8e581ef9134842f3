import type { StoreRecord } from "../../../src/store/document.ts";
import { isExplained } from "./linearization.ts";
import type { MemoryRows } from "./memory-rows.ts";
import { type ClientRead, type ClientWrite, textOf } from "./operations.ts";
import type { World } from "./world.ts";

/** The first promise that a quiet world breaks: a lost write, stores that differ, or a read that is too old. */
export function faultOf(world: World, initial: ReadonlyMap<string, StoreRecord>): string | undefined {
  for (const id of world.ids) {
    const fault = faultOfKey(world, id, initial.get(id));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfKey(world: World, id: string, initial: StoreRecord | undefined): string | undefined {
  const { stores } = world;
  const { leader, stage, isRecording } = (world.state.rows as MemoryRows).control();
  const follower = stores[leader === "source" ? "target" : "source"];
  const writes = world.writes.filter((write) => write.id === id && write.outcome !== "failed");
  const value = stores[leader].records.get(id);
  if (!isExplained(value, initial, writes, ({ outcome }) => outcome === "acknowledged")) {
    return `${id} in ${leader} is ${textOf(value)}, from ${textOf(initial)} by ${describe(writes)}`;
  }
  const other = follower.records.get(id);
  const isKeptInStep = isRecording && stage !== "source" && !follower.isDead;
  if (isKeptInStep && textOf(other) !== textOf(value)) {
    return `${id} is ${textOf(value)} in ${leader} and ${textOf(other)} in ${follower.name}`;
  }
  const read = world.reads.find((one) => one.id === id && !isFresh(world, one, writes, initial));
  if (read === undefined) return undefined;
  return `a read of ${id} from ${read.store} at ${read.began} after ${read.after} gave ${textOf(read.value)}, from ${textOf(initial)} by ${describe(writes)}`;
}

/** A read shows the writes that it has to follow and, without a label, each that was acknowledged before the bound. */
function isFresh(
  { timing }: World,
  read: ClientRead,
  writes: readonly ClientWrite[],
  initial: StoreRecord | undefined,
): boolean {
  const began = writes.filter(({ invoked }) => invoked <= read.ended);
  return isExplained(read.value, initial, began, ({ outcome, responded, sequence }) => {
    if (outcome !== "acknowledged") return false;
    const isKnown = read.after !== undefined && sequence !== undefined && sequence <= read.after;
    // One that was still on its way when the read began may be missing.
    const isFollowed = isKnown && responded <= read.began;
    return isFollowed || (!read.isStale && responded <= read.began - timing.readBoundMs);
  });
}

function describe(writes: readonly ClientWrite[]): string {
  return writes
    .map(
      ({ operation, outcome, invoked, responded, sequence }) =>
        `${JSON.stringify(operation)} ${outcome} ${invoked.toFixed(1)}..${responded.toFixed(1)} #${sequence}`,
    )
    .join("; ");
}

/** For the report of a fault. */
export function describeState({ stores, state, ids }: World): string {
  const rows = state.rows as MemoryRows;
  return JSON.stringify({
    control: rows.control(),
    marks: rows.marksOf(ids.map((id) => ({ namespace: "", id }))),
    claims: rows.claimsOf(ids.map((id) => ({ namespace: "", id }))),
    heartbeats: rows.heartbeats(),
    dead: Object.values(stores).flatMap(({ isDead, name }) => (isDead ? name : [])),
  });
}
