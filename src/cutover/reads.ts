import type { Side } from "../state/cutover/rows.ts";
import { otherSide } from "./parts.ts";
import type { View } from "./presence.ts";
import type { Protocol } from "./rules/protocol.ts";

export interface ReadRequest {
  /** Where in the canary's range from 0 to below 100 the question lies. */
  readonly canaryPlace: number;
  /** The sequence of a write that the read has to see. */
  readonly after?: number | undefined;
  /** The monotonic clock, when the read begins. */
  readonly now: number;
}

export interface ReadChoice {
  readonly side: Side;
  /** The state may be older than the bound, or than the write that the read has to see. */
  readonly isStale: boolean;
  /** Milliseconds: what was acknowledged earlier than this is in the store. */
  readonly ageMs: number;
}

/**
 * Rule 14: the store that answers: the first that is fresh in the order of the stage; without a fresh one the first,
 * and its answer is labelled stale.
 */
export function chooseStore(protocol: Protocol, view: View, request: ReadRequest): ReadChoice {
  const choices = readableChoices(protocol, view, request);
  return choices.find(({ isStale }) => !isStale) ?? (choices[0] as ReadChoice);
}

/**
 * The stores that may be read, in the order of the stage. A store is as old as the first write that it lacks, and
 * everything is as old as the snapshot.
 */
export function readableChoices(
  { guards, timing }: Protocol,
  view: View,
  request: ReadRequest,
): ReadChoice[] {
  const { control } = view;
  const preferred = preferredSide(view, request.canaryPlace);
  return [preferred, otherSide(preferred)]
    .filter((side) => isReadable(side, view, guards.isLevel(control)))
    .map((side): ReadChoice => {
      const lacking = side === control.leader ? view.firstQueued : view.first;
      const ageMs = request.now - view.askedAt + (lacking ? Math.max(0, view.at - lacking.opened) : 0);
      const lacksWrite = request.after !== undefined && lacksUpTo(view, lacking?.sequence, request.after);
      return { side, ageMs, isStale: lacksWrite || !guards.isFresh(ageMs, timing) };
    });
}

function lacksUpTo(view: View, lacking: number | undefined, after: number): boolean {
  return view.lastSequence < after || (lacking !== undefined && lacking <= after);
}

/** The target is not read before it is level, and the source not after it was given up. */
function isReadable(side: Side, { control }: View, isLevel: boolean): boolean {
  if (control.stage === "target-only") return side === "target";
  return side === "source" || control.leader === "target" || isLevel;
}

function preferredSide({ control }: View, canaryPlace: number): Side {
  // A rollback moves the reads before the leader.
  if (control.hold?.to === "source") return "source";
  if (control.stage === "canary") return canaryPlace < control.canaryPercent ? "target" : "source";
  return control.leader;
}
