import { applyOnce } from "../../../src/cutover/applier.ts";
import { coordinateOnce } from "../../../src/cutover/coordinator.ts";
import { copyOnce } from "../../../src/cutover/copier.ts";
import { loneGuards, standardGuards } from "../../../src/cutover/guards.ts";
import { ReadableWatch } from "../../../src/cutover/hold.ts";
import { idOf, type Operation } from "../../../src/cutover/operation.ts";
import type { CutoverParts } from "../../../src/cutover/parts.ts";
import { type Permit, Presence } from "../../../src/cutover/presence.ts";
import { chooseStore } from "../../../src/cutover/reads.ts";
import { copyOf, type Replica } from "../../../src/cutover/replica.ts";
import { RoutedWrites } from "../../../src/cutover/routed-writes.ts";
import { touch } from "../../../src/cutover/rules/level.ts";
import type { Protocol } from "../../../src/cutover/rules/protocol.ts";
import { forgetExpired } from "../../../src/cutover/rules/settle.ts";
import type { WriteRuntime } from "../../../src/cutover/runtime.ts";
import { groupedLedger, type WriteLedger, type WriteResult, write } from "../../../src/cutover/write.ts";
import { OutcomeUnknownError, RagfoodError } from "../../../src/foundation/errors.ts";
import { type CutoverRows, wholeNamespace } from "../../../src/state/cutover/rows.ts";
import { guardsWith, withRows } from "./mutations.ts";
import type { ClientWrite } from "./operations.ts";
import { LostError } from "./state.ts";
import { DownError, readerOf } from "./store.ts";
import type { World } from "./world.ts";

/** One process: the real code of writes, copies, queue and stages, on simulated stores and clocks. */
export class SimulatedProcess {
  readonly parts: CutoverParts;
  readonly presence: Presence;
  isAlive = true;
  readonly #world: World;
  readonly #writeParts: CutoverParts;
  readonly #copyParts: CutoverParts;
  readonly #watch: ReadableWatch;
  readonly #ledger: WriteLedger | undefined;
  readonly #routed: RoutedWrites | undefined;
  /** Operations that went to a store at once, and not from the queue. */
  readonly #sent = new WeakSet<Operation>();
  #pausedUntil = 0;
  #isLeaderDown = false;
  #lastSequence: number | undefined;

  constructor(world: World) {
    this.#world = world;
    const { scheduler, stores, state, timing, mutation } = world;
    const number = world.processCount++;
    const born = scheduler.now;
    const rate = 1 + world.drift * scheduler.pick([-1, 0, 1]);
    const guards = guardsWith(mutation, world.workload === "outage" ? loneGuards : standardGuards);
    // One process may be far from the state store.
    const lag = scheduler.chance(0.12) ? scheduler.pick([20, 60]) : 0;
    const partsSeeing = (see?: (rows: CutoverRows) => CutoverRows): CutoverParts => ({
      protocol: {
        timing,
        guards,
        transaction: state.transactionFor(this.resume, () => (world.isQuiet ? 0 : lag), see),
      } satisfies Protocol,
      replicas: {
        source: stores.source.asReplica(this.resume, mutation?.clientRetries ?? 0),
        target: this.#watched(stores.target.asReplica(this.resume, mutation?.clientRetries ?? 0)),
      },
      clock: () => (scheduler.now - born) * rate,
      uniqueId: () => `${number}-${world.idCount++}`,
    });
    this.parts = partsSeeing(mutation?.sees);
    this.presence = mutation?.extendsPermits ? new LenientPresence(this.parts) : new Presence(this.parts);
    this.#writeParts = mutation?.readsStageOutside
      ? partsSeeing((rows) =>
          withRows(rows, { control: () => this.presence.view?.control ?? rows.control() }),
        )
      : this.parts;
    this.#copyParts = mutation?.removesEveryMark
      ? partsSeeing((rows) =>
          withRows(rows, {
            removeMarks: async (sequences) => {
              const all = await rows.marksOf(
                [wholeNamespace, ...world.ids].map((id) => ({ namespace: "", id })),
              );
              const named = new Set(
                all.filter(({ sequence }) => sequences.includes(sequence)).map(({ id }) => id),
              );
              await rows.removeMarks(all.filter(({ id }) => named.has(id)).map(({ sequence }) => sequence));
            },
          }),
        )
      : this.parts;
    this.#watch = new ReadableWatch(this.parts.clock);
    if (world.workload !== "records" && world.workload !== "namespaces") {
      this.#ledger = (mutation?.ledger ?? groupedLedger)(this.#writeParts);
    }
    if (world.workload === "routed") this.#routed = this.#routedWrites();
  }

  /** The class that serves users, on the parts of this process. */
  #routedWrites(): RoutedWrites {
    const { stores } = this.#world;
    const parts = this.#writeParts;
    const { presence } = this;
    const noting = (replica: Replica): Replica => ({
      ...replica,
      send: (namespace, operations) => {
        for (const operation of operations) this.#sent.add(operation);
        return replica.send(namespace, operations);
      },
    });
    const { source, target } = parts.replicas;
    const runtime: WriteRuntime = {
      parts: { ...parts, replicas: { source: noting(source), target: noting(target) } },
      presence,
      view: async ({ toWrite = false } = {}) => {
        const { view, isFresh } = presence;
        const isTooOld = toWrite && !isFresh && view && !parts.protocol.guards.isRecording(view.control);
        return view && !isTooOld ? view : presence.beat();
      },
      inBackground: (work) => this.#soon(work),
      workSoon: () => {},
    };
    const readers = {
      source: readerOf(stores.source, this.resume),
      target: readerOf(stores.target, this.resume),
    };
    return new RoutedWrites({ runtime, readers, ledger: this.#ledger });
  }

  /** Dead processes are not resumed; a stopped one goes on later. */
  readonly resume = (run: () => void): void => {
    if (!this.isAlive) return;
    const { scheduler, pauses } = this.#world;
    if (pauses.chance > 0 && scheduler.chance(pauses.chance)) {
      this.#pausedUntil = Math.max(this.#pausedUntil, scheduler.now + scheduler.between(0, pauses.longest));
    }
    this.#runWhenAwake(run);
  };

  #runWhenAwake(run: () => void): void {
    const { scheduler } = this.#world;
    if (!this.isAlive) return;
    if (scheduler.now >= this.#pausedUntil) {
      scheduler.resumed();
      run();
    } else scheduler.at(this.#pausedUntil, () => this.#runWhenAwake(run));
  }

  /** After a rollback the target is left as it is. */
  #watched(target: Replica): Replica {
    const { scheduler, state, timing } = this.#world;
    return {
      ...target,
      send: async (namespace, operations) => {
        const { stage, hold } = await state.rows.control();
        const since = (await state.rows.history(1))[0]?.at ?? 0;
        const isOver = scheduler.now > since + timing.claimLeaseMs + timing.landingMs;
        if (stage === "source" && hold === undefined && isOver) {
          this.#world.breach ??= "the target is written in `source`";
        }
        return target.send(namespace, operations);
      },
    };
  }

  start(workers: number): void {
    const { pace, workload } = this.#world;
    const isLone = workload === "outage";
    if (!isLone) {
      this.#loop(1, pace.beat, async () => {
        await this.presence.beat();
      });
    }
    for (let worker = 0; worker < workers; worker++) {
      this.#loop(0.5, pace.work, () => (isLone ? this.#sendQueued() : this.#work()));
    }
  }

  #sleep(low: number, high: number): Promise<void> {
    const { scheduler } = this.#world;
    return new Promise((resolve) => {
      scheduler.after(scheduler.between(low, high), () => this.resume(resolve));
    });
  }

  /** @param low, high milliseconds between two rounds */
  async #loop(low: number, high: number, round: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await round();
      } catch (error) {
        if (!isFault(error)) this.#world.defect ??= error;
      }
      await this.#sleep(low, high);
    }
  }

  async #work(): Promise<void> {
    const { scheduler } = this.#world;
    const view = this.presence.view;
    if (view === undefined || !view.control.isRecording) return;
    const task = scheduler.integer(0, 3);
    if (task === 0) {
      await coordinateOnce(this.parts, view, this.#watch, 10);
    } else if (task === 1) {
      if (await this.#world.state.rows.hasQueued()) await applyOnce(this.parts, 10);
    } else if ((await this.#world.state.rows.firstMark()) !== undefined) {
      const report = await copyOnce(this.#copyParts, scheduler.integer(1, 3));
      if (report.unreadable) this.#watch.note(report.unreadable, false);
      else if (report.done > 0) this.#watch.note(view.control.leader, true);
    }
  }

  /** The work of a process with one store. */
  async #sendQueued(): Promise<void> {
    const { mutation, scheduler } = this.#world;
    if (!mutation?.keepsExpired) await forgetExpired(this.parts.protocol);
    await applyOnce(this.parts, scheduler.integer(1, 10));
  }

  /** A client writes through this process. One store queues what it could not send, as a new write. */
  async write(operations: readonly Operation[]): Promise<void> {
    if (this.#routed) return this.#writeRouted(this.#routed, operations);
    const isLeaderDown = this.#isLeaderDown;
    const { outcomes } = await this.#writeOnce(operations, isLeaderDown);
    const isLone = this.#world.workload === "outage";
    if (!isLone || isLeaderDown || outcomes === undefined) return;
    const failed = operations.filter((_, place) => outcomes[place] !== "acknowledged");
    if (failed.length > 0) await this.#writeOnce(failed, true);
  }

  /** The same as a user: an answer, or an error that says whether the outcome is known. */
  async #writeRouted(routed: RoutedWrites, operations: readonly Operation[]): Promise<void> {
    const entries = this.#record(operations);
    const isReset = operations[0]?.kind === "reset";
    let sequence: number | undefined;
    const onWritten = (written: number) => {
      sequence = written;
    };
    let outcome: ClientWrite["outcome"] = "acknowledged";
    let isQueued = false;
    try {
      if (isReset) await routed.reset("", { onWritten });
      else isQueued = (await routed.write("", operations, { onWritten })).queued > 0;
      this.#lastSequence = sequence ?? this.#lastSequence;
    } catch (error) {
      if (!(error instanceof RagfoodError)) this.#world.defect ??= error;
      // A reset is many writes, some of which may have been made.
      outcome = isReset || error instanceof OutcomeUnknownError ? "unknown" : "failed";
    }
    for (const [place, ofOperation] of entries.entries()) {
      const isSent = this.#sent.has(operations[place] as Operation);
      for (const entry of ofOperation) {
        // What was sent without a certain outcome, and then queued, may be applied twice.
        if (isSent && (isQueued || outcome === "unknown")) this.#world.writes.push({ ...entry });
        this.#end(entry, outcome, sequence);
      }
    }
  }

  /** @returns the outcome of each operation; `undefined` if the state store did not answer */
  async #writeOnce(
    operations: readonly Operation[],
    isLeaderDown: boolean,
  ): Promise<{ readonly outcomes?: readonly ClientWrite["outcome"][] }> {
    const { scheduler } = this.#world;
    const entries = this.#record(operations);
    let outcomes: ClientWrite["outcome"][] | undefined;
    try {
      const result = await write(this.#writeParts, this.presence, "", operations, {
        isLeaderDown,
        afterwards: (work) => this.#soon(work),
        ...(this.#ledger && { ledger: this.#ledger }),
      });
      outcomes = operations.map((operation) => outcomeOf(result, idOf(operation)));
      for (const [place, ofOperation] of entries.entries()) {
        for (const entry of ofOperation) this.#end(entry, outcomes[place] ?? "unknown", result.sequence);
      }
      if (result.sent) this.#isLeaderDown = result.sent.outcome !== "acknowledged";
      if (result.sent?.outcome === "acknowledged" && result.sequence !== undefined) {
        this.#lastSequence = result.sequence;
      }
    } catch (error) {
      if (!(error instanceof LostError)) this.#world.defect ??= error;
      else
        for (const entry of entries.flat()) this.#end(entry, error.mayHaveCommitted ? "unknown" : "failed");
    }
    // An outage ends some time.
    if (scheduler.chance(0.3)) this.#isLeaderDown = false;
    return outcomes ? { outcomes } : {};
  }

  /** What a client has begun, for each operation: a reset deletes each record. */
  #record(operations: readonly Operation[]): ClientWrite[][] {
    const { scheduler, writes, ids } = this.#world;
    return operations.map((operation) => {
      const single: readonly Operation[] =
        operation.kind === "reset" ? ids.map((id) => ({ kind: "delete", id })) : [operation];
      const entries = single.map(
        (each): ClientWrite => ({
          id: idOf(each),
          operation: each,
          invoked: scheduler.now,
          responded: Number.POSITIVE_INFINITY,
          outcome: "unknown",
          sequence: undefined,
        }),
      );
      writes.push(...entries);
      return entries;
    });
  }

  #end(entry: ClientWrite, outcome: ClientWrite["outcome"], sequence?: number): void {
    entry.outcome = outcome;
    if (outcome !== "acknowledged") return;
    entry.responded = this.#world.scheduler.now;
    entry.sequence = sequence;
  }

  #soon(work: () => Promise<void>): void {
    const { scheduler, settleDelay } = this.#world;
    const run = () => this.resume(() => void work().catch(() => {}));
    if (settleDelay === 0) run();
    else scheduler.after(scheduler.between(0, settleDelay), run);
  }

  /** A client reads through this process, perhaps after its own last write. */
  async read(id: string): Promise<void> {
    const { scheduler, reads, stores } = this.#world;
    const began = scheduler.now;
    const after = scheduler.chance(0.3) ? this.#lastSequence : undefined;
    const view = this.presence.view;
    if (view === undefined) return;
    const { side, isStale, lacksWrite } = chooseStore(this.parts.protocol, view, {
      canaryPlace: scheduler.between(0, 100),
      after,
      now: this.parts.clock(),
    });
    const { hold, level } = view.control;
    const isRollback = hold?.to === "source" && level === "level";
    const lacking = view.first?.sequence ?? Number.POSITIVE_INFINITY;
    const sourceHasIt = after === undefined || (view.lastSequence >= after && lacking > after);
    if (isRollback && side === "target" && (sourceHasIt || lacksWrite)) {
      this.#world.breach ??= "a rollback is read from the target";
    }
    // The label says what the answer may lack, and not that it lacks the write to follow.
    const followed = lacksWrite ? undefined : after;
    if (isStale && followed === undefined) return;
    try {
      const [value] = await stores[side].read([id], this.resume);
      reads.push({ id, value, began, ended: scheduler.now, after: followed, isStale, store: side });
    } catch {
      // The store is down: the client gets an error.
    }
  }

  /** A verification found differences. */
  async catchUp(): Promise<void> {
    const { ids, mutation, stores } = this.#world;
    const keys = ids.map((id) => ({ namespace: "", id }));
    try {
      if (!mutation?.copiesWithoutMarks) await touch(this.parts.protocol, keys);
      else if (this.presence.view?.control.leader === "source" && this.presence.view.control.isRecording) {
        const records = await stores.source.read(ids, this.resume);
        await Promise.all(
          ids.map((id, place) =>
            stores.target.send([copyOf({ takesVectors: true }, id, records[place])], this.resume),
          ),
        );
      }
    } catch (error) {
      if (!isFault(error)) this.#world.defect ??= error;
    }
  }
}

function outcomeOf({ queuedIds, sent }: WriteResult, id: string): ClientWrite["outcome"] {
  return queuedIds.includes(id) ? "acknowledged" : (sent?.outcome ?? "unknown");
}

/** For a mutation: the last heartbeat counts when a write is sent, and not when it was decided. */
class LenientPresence extends Presence {
  override act(): Permit {
    const permit = super.act();
    const maySendUnmarked = () => {
      const late = super.act();
      late.release();
      return late.maySendUnmarked();
    };
    return { ...permit, maySendUnmarked };
  }
}

/** What a fault of the simulation throws; anything else is a defect. */
function isFault(error: unknown): boolean {
  return error instanceof LostError || error instanceof DownError;
}
