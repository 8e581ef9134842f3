import type { Side } from "../state/cutover/rows.ts";
import type { WorkReport } from "./claimed-work.ts";
import type { CutoverParts } from "./parts.ts";
import type { View } from "./presence.ts";
import { type Author, type Change, finishHold } from "./rules/change.ts";
import { takeOverOnce } from "./take-over.ts";
import type { MonotonicClock } from "./timing.ts";

/** Watches which of the stores can be read. */
export class ReadableWatch {
  readonly #clock: MonotonicClock;
  readonly #unreadableSince = new Map<Side, number>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  note(side: Side, isReadable: boolean): void {
    if (isReadable) this.#unreadableSince.delete(side);
    else if (!this.#unreadableSince.has(side)) this.#unreadableSince.set(side, this.#clock());
  }

  /** Milliseconds since the first of the failed reads in a row; 0 if the last one succeeded. */
  unreadableMs(side: Side): number {
    const since = this.#unreadableSince.get(side);
    return since === undefined ? 0 : this.#clock() - since;
  }
}

export interface HoldStep {
  readonly change: Change;
  /** The pass of a takeover, if one was needed. */
  readonly takenOver?: WorkReport;
}

/**
 * Rule 8: one step towards the end of a hold. Copies are made by the copier; without a readable leader the new one
 * takes over.
 * @returns `undefined` without a hold
 */
export async function advanceHold(
  parts: CutoverParts,
  { control }: View,
  watch: ReadableWatch,
  author: Author,
  limit: number,
): Promise<HoldStep | undefined> {
  const { hold } = control;
  if (hold === undefined) return undefined;
  const change = await finishHold(parts.protocol, hold.id, author);
  const isCopyMissing = !change.isDone && change.missing.some(({ requirement }) => requirement === "copied");
  if (!isCopyMissing || watch.unreadableMs(control.leader) < parts.protocol.timing.takeoverAfterMs)
    return { change };
  return { change, takenOver: await takeOverOnce(parts, limit) };
}
