import { type CutoverParts, timed } from "./parts.ts";
import { beat, leave, look, outliveRestore, type Snapshot } from "./rules/presence.ts";

/** A snapshot, and when its transaction began to read. */
export interface View extends Snapshot {
  /** On the monotonic clock. */
  readonly askedAt: number;
}

/** The time in which a process may act on what it knew at its beginning. */
export interface Permit {
  readonly release: () => void;
  /**
   * Rule 13: a write without a mark is sent only while the last heartbeat before the decision keeps a start waiting.
   * A later heartbeat does not count: a start may have been completed while none was live.
   */
  readonly maySendUnmarked: () => boolean;
}

/** One process: which epoch it acts on, and what it knows. */
export class Presence {
  readonly process: string;
  readonly #parts: CutoverParts;
  #view: View | undefined;
  /** On the monotonic clock: when it was learned, after its transaction had ended. */
  #learnedAt = Number.POSITIVE_INFINITY;
  /** On the monotonic clock: when the transaction of the last heartbeat that was recorded began its work. */
  #beatAt = Number.NEGATIVE_INFINITY;
  /** The epochs of what is on its way without marks. */
  readonly #acting = new Set<{ readonly epoch: number }>();

  constructor(parts: CutoverParts) {
    this.#parts = parts;
    this.process = parts.uniqueId();
  }

  /** `undefined` before the first heartbeat. */
  get view(): View | undefined {
    return this.#view;
  }

  /** The lowest epoch that anything on its way acts on: later ones are known, and not yet confirmed. */
  get actingEpoch(): number | undefined {
    let lowest = this.#view?.control.epoch;
    for (const { epoch } of this.#acting) if (lowest === undefined || epoch < lowest) lowest = epoch;
    return lowest;
  }

  /**
   * Marks the time in which this process may act on what it knows now. Call it before the question who leads, and
   * `release` when nothing can be sent any more.
   */
  act(): Permit {
    const entry = { epoch: this.#view?.control.epoch ?? 0 };
    const beatAt = this.#beatAt;
    this.#acting.add(entry);
    const { clock, protocol } = this.#parts;
    const { guards, timing } = protocol;
    return {
      release: () => this.#acting.delete(entry),
      maySendUnmarked: () => guards.maySend(clock() - beatAt, timing.heartbeatLeaseMs, timing),
    };
  }

  /** Milliseconds since the last heartbeat was recorded, or a little more. */
  get beatAgeMs(): number {
    return this.#parts.clock() - this.#beatAt;
  }

  /** Whether a write that is decided now may be sent without a mark (rule 13). */
  get isFresh(): boolean {
    const { guards, timing } = this.#parts.protocol;
    return guards.maySend(this.beatAgeMs, timing.heartbeatLeaseMs, timing);
  }

  /** Sends a heartbeat. @throws {StateError} */
  async beat(): Promise<View> {
    const { protocol, startedAt } = timed(this.#parts);
    const snapshot = await beat(protocol, this.process, this.actingEpoch);
    const askedAt = startedAt();
    this.#beatAt = Math.max(this.#beatAt, askedAt);
    return this.#learn({ ...snapshot, askedAt });
  }

  /** Reads the present state. @throws {StateError} */
  async look(): Promise<View> {
    const { protocol, startedAt } = timed(this.#parts);
    const snapshot = await look(protocol);
    return this.#learn({ ...snapshot, askedAt: startedAt() });
  }

  async #learn(view: View): Promise<View> {
    // Answers may arrive in another order than the questions were asked, and the epoch never goes back.
    const known = this.#view;
    const isLater =
      known === undefined ||
      view.control.epoch > known.control.epoch ||
      (view.control.epoch === known.control.epoch && view.askedAt >= known.askedAt);
    if (isLater) {
      this.#view = view;
      this.#learnedAt = this.#parts.clock();
    } else await this.#noticeRestore(view);
    return this.#view as View;
  }

  /**
   * A question that was asked after an answer finds no earlier epoch, unless the state was replaced: by a restore, or
   * by a replica of the database that lacked the last transactions. A later epoch makes all processes follow it.
   */
  async #noticeRestore({ control, askedAt }: View): Promise<void> {
    const known = this.#view as View;
    if (control.epoch >= known.control.epoch || askedAt <= this.#learnedAt) return;
    await outliveRestore(this.#parts.protocol, known.control.epoch);
  }

  /** Ends the presence once nothing is on its way. @throws {StateError} */
  async leave(): Promise<void> {
    if (this.#acting.size === 0) await leave(this.#parts.protocol, this.process);
  }
}
