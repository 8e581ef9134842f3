import { advanceHold, type HoldStep, type ReadableWatch } from "./hold.ts";
import { touchEveryKey } from "./keys.ts";
import type { CutoverParts } from "./parts.ts";
import type { View } from "./presence.ts";
import { type Author, changeStage, completeStart } from "./rules/change.ts";
import { refreshLevel } from "./rules/level.ts";

/** The protocol itself: steps that follow from the stage, and that no person asks for. */
const protocolAuthor: Author = { who: "ragfood" };

export interface Step extends Partial<HoldStep> {
  readonly kind: "idle" | "hold" | "start" | "touch" | "level" | "settle";
}

/**
 * Does the next thing that the stage asks for: completes a start, touches every key, ends a hold, settles a
 * rollback. Every process does this; a step that two of them take has the effect of one.
 *
 * @throws {StateError}
 */
export async function coordinateOnce(
  parts: CutoverParts,
  view: View,
  watch: ReadableWatch,
  limit: number,
): Promise<Step> {
  const { protocol } = parts;
  const { stage, leader, hold, isRecording, isStartComplete, level, startEpoch } = view.control;
  if (!isRecording) return { kind: "idle" };
  // A follower that lost its records gets them before it leads, unless the leader is lost as well.
  const isLevelling = level === "touching" || level === "draining";
  const mayLevel = isLevelling && watch.unreadableMs(leader) < protocol.timing.takeoverAfterMs;
  if (hold && !mayLevel) {
    return { kind: "hold", ...(await advanceHold(parts, view, watch, protocolAuthor, limit)) };
  }
  if (stage === "source") {
    const options = { holdId: parts.uniqueId() };
    return { kind: "settle", change: await changeStage(protocol, "settle", protocolAuthor, options) };
  }
  if (!isStartComplete) {
    await completeStart(protocol);
    return { kind: "start" };
  }
  if (level === "touching") {
    await touchEveryKey(parts, startEpoch);
    return { kind: "touch" };
  }
  if (level !== "draining") return { kind: "idle" };
  await refreshLevel(protocol);
  return { kind: "level" };
}
