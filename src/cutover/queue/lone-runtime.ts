import { ServiceError } from "../../foundation/errors.ts";
import { initialControl } from "../../state/cutover/rows.ts";
import { applyOnce } from "../applier.ts";
import { BatchSize } from "../batch-size.ts";
import type { CutoverParts } from "../parts.ts";
import { Presence, type View } from "../presence.ts";
import { forgetExpired } from "../rules/settle.ts";
import type { WriteRuntime } from "../runtime.ts";
import { hasQueued } from "./status.ts";

export interface LoneRuntimeOptions {
  readonly parts: CutoverParts;
  /** Milliseconds before the first attempt to send what is queued; doubles up to 8 times that. Default 1,000. */
  readonly retryMs?: number;
  /** Runs before anything is written; tried again if it throws. */
  readonly before?: () => Promise<void>;
  /** Runs before each pass of the background work, which sends nothing if it throws. */
  readonly beforeSending?: () => Promise<void>;
  /** Called with what fails in the background; the work goes on. */
  readonly onFault?: (error: Error) => void;
}

const defaultRetryMs = 1_000;

/** Doublings of the time between two attempts. A short limit catches a store that is up only now and then. */
const longestBackoff = 3;

/** Records in one pass. */
const largestBatch = 200;

/** The stage of a store that stands alone: no other process, and no start, has to be waited for. */
const view: View = {
  control: { ...initialControl, isRecording: true, isStartComplete: true },
  at: 0,
  lastSequence: 0,
  first: undefined,
  firstQueued: undefined,
  askedAt: 0,
};

/** The background work of a process for one store with a queue: it sends what waits. It does not keep the process alive. */
export class LoneRuntime implements WriteRuntime {
  readonly parts: CutoverParts;
  readonly presence: Presence;
  readonly #options: LoneRuntimeOptions;
  readonly #retryMs: number;
  readonly #batch = new BatchSize(largestBatch);
  readonly #background = new Set<Promise<void>>();
  #ready: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<number> | undefined;
  #isClosed = false;
  #failures = 0;
  /** On the monotonic clock: an answer before this is no reason for another attempt. */
  #restUntil: number;

  constructor(options: LoneRuntimeOptions) {
    this.parts = options.parts;
    this.presence = new Presence(options.parts);
    this.#options = options;
    this.#retryMs = options.retryMs ?? defaultRetryMs;
    this.#restUntil = this.parts.clock() + this.#retryMs;
    // An earlier process may have left writes.
    this.#sendAfter(this.#retryMs);
  }

  async view(): Promise<View> {
    this.#ready ??= this.#options.before?.();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
    return view;
  }

  /** Runs what an answer does not wait for. */
  readonly inBackground = (work: () => Promise<void>): void => {
    const running: Promise<void> = work()
      .catch((error: Error) => this.#options.onFault?.(error))
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  };

  workSoon(): void {
    this.#sendAfter(this.#retryMs);
  }

  /** The store has answered: send what waits. */
  noticeAnswer(): void {
    if (this.#timer === undefined || this.#sending || this.parts.clock() < this.#restUntil) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sendAfter(0);
  }

  #sendAfter(milliseconds: number): void {
    if (this.#isClosed || this.#timer || this.#sending) return;
    this.#timer = setTimeout(async () => {
      this.#timer = undefined;
      this.#sending = this.#send();
      const pauseMs = await this.#sending;
      this.#sending = undefined;
      if (pauseMs > 0) this.#sendAfter(pauseMs);
    }, milliseconds);
    // Queued writes are on disk: the process may end.
    this.#timer.unref();
  }

  /** @returns milliseconds until the next attempt; 0 if nothing waits */
  async #send(): Promise<number> {
    let failure: unknown;
    let isWaiting = true;
    try {
      await this.view();
      const { protocol } = this.parts;
      await forgetExpired(protocol);
      if (await hasQueued(protocol)) await this.#options.beforeSending?.();
      let hasMore = true;
      while (hasMore && !this.#isClosed) {
        const report = await applyOnce(this.parts, this.#batch.size);
        this.#batch.note(report);
        failure = report.failed > 0 ? (report.error ?? new Error("The store does not answer.")) : undefined;
        hasMore = failure === undefined && report.done + report.parked + report.late > 0;
      }
      isWaiting = await hasQueued(protocol);
    } catch (error) {
      failure = error;
    }
    if (failure !== undefined) this.#options.onFault?.(failure as Error);
    this.#failures = failure === undefined ? 0 : Math.min(this.#failures + 1, longestBackoff);
    const asked = failure instanceof ServiceError ? (failure.retryAfterMs ?? 0) : 0;
    this.#restUntil = this.parts.clock() + Math.max(asked, this.#retryMs);
    return isWaiting ? Math.max(asked, this.#retryMs * 2 ** this.#failures) : 0;
  }

  /** Waits for the writes that are being sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#sending, ...this.#background]);
  }
}
