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
  /** It lacks the write that the read has to see, or a write before that. */
  readonly lacksWrite: boolean;
  /** Milliseconds: what was acknowledged earlier than this is in the store. */
  readonly ageMs: number;
}

/**
 * Rule 14: the store that answers. The first that is fresh in the order of the stage; without a fresh one, one that has
 * the write to follow, otherwise the first, and its answer is labelled stale. A rollback stays on the source, fresh or
 * not, unless the read has to follow a write that the source lacks.
 */
export function chooseStore(protocol: Protocol, view: View, request: ReadRequest): ReadChoice {
  const choices = readableChoices(protocol, view, request);
  const first = choices[0] as ReadChoice;
  if (protocol.guards.staysOnSource(view.control) && !first.lacksWrite) return first;
  return choices.find(({ isStale }) => !isStale) ?? choices.find(({ lacksWrite }) => !lacksWrite) ?? first;
}

/**
 * The stores that may be read, in the order of the stage; one that has lost its records comes last, and is stale. A
 * store is as old as the first write that it lacks, and everything is as old as the snapshot.
 */
export function readableChoices(
  { guards, timing }: Protocol,
  view: View,
  request: ReadRequest,
): ReadChoice[] {
  const { control } = view;
  const preferred = preferredSide(view, request.canaryPlace);
  return [preferred, otherSide(preferred)]
    .toSorted((left, right) => Number(left === control.lost) - Number(right === control.lost))
    .filter((side) => isReadable(side, view, guards.isLevel(control)))
    .map((side): ReadChoice => {
      const lacking = side === control.leader ? view.firstQueued : view.first;
      const ageMs = request.now - view.askedAt + (lacking ? Math.max(0, view.at - lacking.opened) : 0);
      const isLost = side === control.lost;
      const { after } = request;
      const lacksWrite =
        after !== undefined && (isLost || guards.lacksUpTo(after, view.lastSequence, lacking?.sequence));
      return { side, ageMs, lacksWrite, isStale: lacksWrite || isLost || !guards.isFresh(ageMs, timing) };
    });
}

/** The follower is read only while it is level, and the source not after it was given up. */
function isReadable(side: Side, { control }: View, isLevel: boolean): boolean {
  if (control.stage === "target-only") return side === "target";
  return side === control.leader || isLevel;
}

function preferredSide({ control }: View, canaryPlace: number): Side {
  // A rollback moves the reads before the leader.
  if (control.hold?.to === "source") return "source";
  if (control.stage === "canary") return canaryPlace < control.canaryPercent ? "target" : "source";
  return control.leader;
}
