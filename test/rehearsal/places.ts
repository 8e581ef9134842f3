import type { Stage } from "../../src/state/cutover/rows.ts";
import type { ProcessName } from "./parts.ts";

/** A stage, or a change from one to the next, in which a process is killed. The last change is the way back. */
export const places = [
  "source",
  "source → dual-write",
  "dual-write",
  "dual-write → shadow-read",
  "shadow-read",
  "shadow-read → canary",
  "canary",
  "canary → target",
  "target",
  "target → source",
] as const;
export type Place = (typeof places)[number];

/** The change that leads out of a stage. */
export function changeFrom(stage: Stage): Place {
  const change = places.find((place) => place.startsWith(`${stage} → `));
  if (change === undefined) throw new Error(`Nothing leads out of ${stage}.`);
  return change;
}

/** What no store and no other process can do while this one is dead. */
export interface Impossible {
  readonly reads: boolean;
  readonly writes: boolean;
}

export const nothing: Impossible = { reads: false, writes: false };

/**
 * - Before the start is complete, only Chroma has the records, and no write may wait for it in the queue.
 * - A write needs a mark in PostgreSQL, except in `source`, where writes are not marked.
 */
export function impossibleWithout(name: ProcessName, place: Place): Impossible {
  const isBeforeStart = place === "source";
  if (name === "chroma" && (isBeforeStart || place === "source → dual-write")) {
    return { reads: true, writes: true };
  }
  return { reads: false, writes: name === "postgres" && !isBeforeStart };
}

/** Whether a rollback by rule is right: the target is dead where it answers users, or is about to. */
export function mayRollBack(name: ProcessName, place: Place): boolean {
  return name === "cloud" && (place.includes("canary") || place.includes("target"));
}
