import { setTimeout as wait } from "node:timers/promises";
import { applyOnce } from "./applier.ts";
import { BatchSize } from "./batch-size.ts";
import { idle, type WorkReport } from "./claimed-work.ts";
import { coordinateOnce } from "./coordinator.ts";
import { copyOnce } from "./copier.ts";
import { ReadableWatch } from "./hold.ts";
import { type CutoverParts, otherSide } from "./parts.ts";
import { Presence, type View } from "./presence.ts";
import { changeStage } from "./rules/change.ts";

export interface RuntimeOptions {
  readonly parts: CutoverParts;
  /** Milliseconds between two looks at the state: a change is followed within this. Default 250. */
  readonly pollMs?: number;
  /** Records that one pass of a worker copies or applies, at most. Default 200. */
  readonly batch?: number;
  /** Starts without a person, and stays in `dual-write`: the target is a second copy of the source. */
  readonly startsItself?: boolean;
  /** Runs before such a start, which is tried again some seconds later if it throws: writes go to the source meanwhile. */
  readonly beforeStart?: () => Promise<void>;
  /** Called with what fails in the background; the work goes on. */
  readonly onFault?: (error: Error) => void;
}

/** What the writes of a process need of its background work. */
export type WriteRuntime = Pick<CutoverRuntime, "parts" | "presence" | "view" | "inBackground" | "workSoon">;

const defaultPollMs = 250;
const defaultBatch = 200;
/** Milliseconds between the beginnings of two passes of the workers, at least. */
const passEveryMs = 100;
/** Heartbeats in one lease: some may be lost before a process counts as gone. */
const beatsInLease = 5;
/** Milliseconds after which a start that was refused is tried again. */
const startAgainMs = 10_000;

/**
 * The background work of one process: heartbeats, copies, queued writes and the steps of a stage. It starts with
 * the first use and does not keep the process alive.
 */
export class CutoverRuntime {
  readonly parts: CutoverParts;
  readonly presence: Presence;
  readonly watch: ReadableWatch;
  readonly #options: RuntimeOptions;
  readonly #batches: Readonly<Record<"apply" | "copy" | "takeOver", BatchSize>>;
  #joining: Promise<View> | undefined;
  /** When a start was tried that has not succeeded. */
  #triedAt = Number.NEGATIVE_INFINITY;
  #pollTimer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #beating: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #isWorkDue = false;
  #isClosed = false;
  #passedAt = Number.NEGATIVE_INFINITY;
  /** The epoch of the last heartbeat. */
  #beatenEpoch: number | undefined;
  readonly #background = new Set<Promise<void>>();

  constructor(options: RuntimeOptions) {
    this.parts = options.parts;
    this.presence = new Presence(options.parts);
    this.watch = new ReadableWatch(options.parts.clock);
    this.#options = options;
    const batch = () => new BatchSize(options.batch ?? defaultBatch);
    this.#batches = { apply: batch(), copy: batch(), takeOver: batch() };
  }

  /**
   * What this process knows; waits for the first heartbeat, and before a write for another one if the last is too old
   * for a write without a mark: this process was busy.
   * @throws {StateError}
   */
  async view({ toWrite = false }: { readonly toWrite?: boolean } = {}): Promise<View> {
    const { view, isFresh } = this.presence;
    const { guards } = this.parts.protocol;
    const isTooOld = toWrite && !isFresh && view !== undefined && !guards.isRecording(view.control);
    if (view && !isTooOld) return view;
    this.#joining ??= this.#join();
    try {
      return await this.#joining;
    } finally {
      this.#joining = undefined;
    }
  }

  async #join(): Promise<View> {
    const isFirst = this.presence.view === undefined;
    const view = await this.#beat();
    if (!isFirst) return view;
    this.#schedulePoll();
    this.workSoon();
    return view;
  }

  async #beat(): Promise<View> {
    this.#beatenEpoch = this.presence.actingEpoch;
    const view = await this.presence.beat();
    this.#beatenEpoch ??= view.control.epoch;
    return view;
  }

  /** Runs what an answer does not wait for. */
  readonly inBackground = (work: () => Promise<void>): void => {
    const running: Promise<void> = work()
      .catch((error: Error) => this.#options.onFault?.(error))
      .finally(() => {
        this.#background.delete(running);
        this.workSoon();
      });
    this.#background.add(running);
  };

  #schedulePoll(): void {
    if (this.#isClosed) return;
    this.#pollTimer = setTimeout(() => {
      this.#polling = this.#poll();
    }, this.#options.pollMs ?? defaultPollMs);
    this.#pollTimer.unref();
  }

  async #poll(): Promise<void> {
    try {
      await this.presence.look();
      this.#beatSoon();
      if (this.#hasWork()) this.workSoon();
    } catch (error) {
      this.#options.onFault?.(error as Error);
    } finally {
      this.#schedulePoll();
    }
  }

  /**
   * Sends a heartbeat if one is due. Nothing waits for it: it queues for the lock that all processes share, and
   * meanwhile this process has to follow a change of the stage.
   */
  #beatSoon(): void {
    if (this.#beating || this.#isClosed) return;
    const { presence } = this;
    const intervalMs = this.parts.protocol.timing.heartbeatLeaseMs / beatsInLease;
    const isUnconfirmed = presence.view?.control.confirmedAt === undefined;
    const isNews = presence.actingEpoch !== this.#beatenEpoch || isUnconfirmed;
    if (!isNews && presence.beatAgeMs < intervalMs) return;
    this.#beating = this.#beat()
      .then(
        () => undefined,
        (error) => this.#options.onFault?.(error),
      )
      .finally(() => {
        this.#beating = undefined;
      });
  }

  #hasWork(): boolean {
    const view = this.presence.view;
    if (view === undefined) return false;
    if (!view.control.isRecording) return this.#mayStart(view);
    const { hold, stage, isStartComplete, level } = view.control;
    return (
      view.first !== undefined ||
      hold !== undefined ||
      stage === "source" ||
      !isStartComplete ||
      (level !== "level" && level !== "none")
    );
  }

  #mayStart({ control }: View): boolean {
    const isDue = performance.now() - this.#triedAt >= startAgainMs;
    return this.#options.startsItself === true && control.stage === "source" && isDue;
  }

  /** Starts the workers if they are idle; otherwise they look once more. */
  workSoon(): void {
    this.#isWorkDue = true;
    if (this.#isClosed || this.#working) return;
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#isWorkDue && !this.#isClosed) {
      await this.#waitForPass();
      this.#isWorkDue = false;
      try {
        if (this.#hasWork() || this.#background.size > 0) await this.#pass();
      } catch (error) {
        this.#options.onFault?.(error as Error);
      }
    }
  }

  /** What was written meanwhile goes into one pass: all processes share one lock, and writes of users wait for it. */
  async #waitForPass(): Promise<void> {
    const pauseMs = Math.min(passEveryMs, this.#options.pollMs ?? defaultPollMs);
    const left = this.#passedAt + pauseMs - performance.now();
    if (left > 0) await wait(left);
    this.#passedAt = performance.now();
  }

  async #startOrRest(): Promise<void> {
    this.#triedAt = performance.now();
    await this.#options.beforeStart?.();
    if (await this.#start()) this.#triedAt = Number.NEGATIVE_INFINITY;
  }

  /** One pass of each worker; more as long as it gets something done. */
  async #pass(): Promise<void> {
    const known = this.presence.view as View;
    if (!known.control.isRecording) {
      if (this.#mayStart(known)) await this.#startOrRest();
      return;
    }
    const { apply, copy, takeOver } = this.#batches;
    // A write that was queued since the last look is seen at the next one.
    const applied = known.firstQueued ? await applyOnce(this.parts, apply.size) : idle;
    apply.note(applied);
    const copied = await copyOnce(this.parts, copy.size);
    copy.note(copied);
    this.#note(copied);
    const view = this.presence.view as View;
    const step = await coordinateOnce(this.parts, view, this.watch, takeOver.size);
    const { takenOver = idle } = step;
    takeOver.note(takenOver);
    for (const { error } of [applied, copied, takenOver]) if (error) this.#options.onFault?.(error);
    if (step.change?.isDone || step.kind === "start" || step.kind === "touch" || step.kind === "level") {
      await this.presence.look();
    }
    const isMoving = [applied, copied, takenOver].some(({ done, late }) => done + late > 0);
    if (isMoving || step.change?.isDone) this.#isWorkDue = true;
  }

  async #start(): Promise<boolean> {
    const { protocol, uniqueId } = this.parts;
    const author = { who: "ragfood", reason: "The settings ask for a second copy." };
    const { isDone } = await changeStage(protocol, "start", author, { holdId: uniqueId() });
    await this.presence.look();
    return isDone;
  }

  #note({ done, unreadable }: WorkReport): void {
    const leader = this.presence.view?.control.leader;
    if (unreadable) this.watch.note(unreadable, false);
    else if (done > 0 && leader) {
      this.watch.note(leader, true);
      this.watch.note(otherSide(leader), true);
    }
  }

  /** Ends the loops, waits for what is running, and takes this process out of the heartbeats. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#pollTimer);
    await Promise.all([this.#polling, this.#beating, this.#working, ...this.#background]);
    if (this.presence.view) await this.presence.leave().catch((error) => this.#options.onFault?.(error));
  }
}
