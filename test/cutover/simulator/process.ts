import { applyOnce } from "../../../src/cutover/applier.ts";
import { coordinateOnce } from "../../../src/cutover/coordinator.ts";
import { copyOnce } from "../../../src/cutover/copier.ts";
import { ReadableWatch } from "../../../src/cutover/hold.ts";
import { idOf, type Operation } from "../../../src/cutover/operation.ts";
import type { CutoverParts } from "../../../src/cutover/parts.ts";
import { type Permit, Presence } from "../../../src/cutover/presence.ts";
import { chooseStore } from "../../../src/cutover/reads.ts";
import { copyOf, type Replica } from "../../../src/cutover/replica.ts";
import { touch } from "../../../src/cutover/rules/level.ts";
import type { Protocol } from "../../../src/cutover/rules/protocol.ts";
import type { Timing } from "../../../src/cutover/timing.ts";
import { write } from "../../../src/cutover/write.ts";
import { type CutoverRows, type Side, wholeNamespace } from "../../../src/state/cutover/rows.ts";
import { guardsWith, type Mutation, withRows } from "./mutations.ts";
import type { ClientRead, ClientWrite } from "./operations.ts";
import type { Scheduler } from "./scheduler.ts";
import { LostError, type SimulatedState } from "./state.ts";
import { DownError, type SimulatedStore } from "./store.ts";

/** What the processes of a run share. */
export interface World {
  readonly scheduler: Scheduler;
  readonly stores: Readonly<Record<Side, SimulatedStore>>;
  readonly state: SimulatedState;
  readonly timing: Timing;
  readonly mutation: Mutation | undefined;
  readonly writes: ClientWrite[];
  readonly reads: ClientRead[];
  readonly ids: readonly string[];
  /** Share of the writes that empty the whole namespace. */
  readonly resets: number;
  /** How often a process stops for a while between two steps, and for how long at most. */
  pauses: { chance: number; longest: number };
  /** Milliseconds between two rounds of a worker, and between two heartbeats, at most. */
  readonly pace: { work: number; beat: number };
  /** Milliseconds until an acknowledged write is recorded, at most. */
  settleDelay: number;
  /** How far a process's clock may run off in one lease, as a share of it. */
  readonly drift: number;
  isQuiet: boolean;
  processCount: number;
  idCount: number;
  defect: unknown;
  /** A rule that was broken on the way. */
  breach: string | undefined;
}

/** One process: the real code of writes, copies, queue and stages, on simulated stores and clocks. */
export class SimulatedProcess {
  readonly parts: CutoverParts;
  readonly presence: Presence;
  isAlive = true;
  readonly #world: World;
  readonly #writeParts: CutoverParts;
  readonly #copyParts: CutoverParts;
  readonly #watch: ReadableWatch;
  #pausedUntil = 0;
  #isLeaderDown = false;
  #lastSequence: number | undefined;

  constructor(world: World) {
    this.#world = world;
    const { scheduler, stores, state, timing, mutation } = world;
    const number = world.processCount++;
    const born = scheduler.now;
    const rate = 1 + world.drift * scheduler.pick([-1, 0, 1]);
    const guards = guardsWith(mutation);
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
    const { pace } = this.#world;
    this.#loop(1, pace.beat, async () => {
      await this.presence.beat();
    });
    for (let worker = 0; worker < workers; worker++) this.#loop(0.5, pace.work, () => this.#work());
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

  /** A client writes through this process. */
  async write(operations: readonly Operation[]): Promise<void> {
    const { scheduler, writes, ids } = this.#world;
    // A reset deletes each record.
    const single = operations.flatMap((operation): Operation[] =>
      operation.kind === "reset" ? ids.map((id) => ({ kind: "delete", id })) : [operation],
    );
    const isReset = operations[0]?.kind === "reset";
    const entries = single.map((operation): ClientWrite => {
      const entry: ClientWrite = {
        id: idOf(operation),
        operation,
        invoked: scheduler.now,
        responded: Number.POSITIVE_INFINITY,
        outcome: "unknown",
        sequence: undefined,
      };
      writes.push(entry);
      return entry;
    });
    const end = (entry: ClientWrite, outcome: ClientWrite["outcome"]) => {
      entry.outcome = outcome;
      if (outcome === "acknowledged") entry.responded = scheduler.now;
    };
    try {
      const result = await write(this.#writeParts, this.presence, "", operations, {
        isLeaderDown: this.#isLeaderDown,
        afterwards: (work) => this.#soon(work),
      });
      const queued = new Set(result.queuedIds);
      for (const entry of entries) {
        const key = isReset ? wholeNamespace : entry.id;
        end(entry, queued.has(key) ? "acknowledged" : (result.sent?.outcome ?? "unknown"));
        if (entry.outcome === "acknowledged") entry.sequence = result.sequence;
      }
      if (result.sent) this.#isLeaderDown = result.sent.outcome !== "acknowledged";
      if (result.sent?.outcome === "acknowledged" && result.sequence !== undefined) {
        this.#lastSequence = result.sequence;
      }
    } catch (error) {
      if (!(error instanceof LostError)) this.#world.defect ??= error;
      else for (const entry of entries) end(entry, error.mayHaveCommitted ? "unknown" : "failed");
    }
    // An outage ends some time.
    if (scheduler.chance(0.3)) this.#isLeaderDown = false;
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
    const { side, isStale } = chooseStore(this.parts.protocol, view, {
      canaryPlace: scheduler.between(0, 100),
      after,
      now: this.parts.clock(),
    });
    if (isStale) return;
    try {
      const [value] = await stores[side].read([id], this.resume);
      reads.push({ id, value, began, ended: scheduler.now, after, store: side });
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
