import type { Operation } from "../../../src/cutover/operation.ts";
import { changeStage, setCanary } from "../../../src/cutover/rules/change.ts";
import type { Timing } from "../../../src/cutover/timing.ts";
import { type CutoverEvent, leaders } from "../../../src/cutover/transitions.ts";
import { type Control, initialControl, type Side, type Stage } from "../../../src/state/cutover/rows.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { describeState, faultOf } from "./check.ts";
import { MemoryRows } from "./memory-rows.ts";
import type { Mutation } from "./mutations.ts";
import { SimulatedProcess, type World } from "./process.ts";
import { Scheduler } from "./scheduler.ts";
import { LostError, SimulatedState } from "./state.ts";
import { noFaults, SimulatedStore } from "./store.ts";

export interface SimulationResult {
  /** What the protocol broke; `undefined` if it kept its promises. */
  readonly fault: string | undefined;
  /** The sides that were lost for good before the protocol promises anything: nothing was checked. */
  readonly isVoid: boolean;
  readonly stage: Control["stage"];
  readonly events: number;
}

const way: readonly Stage[] = ["source", "dual-write", "shadow-read", "canary", "target"];

/** D and E of the simulation; leases vary with the seed. */
const landingMs = 10;
const clockErrorMs = 2;

/** What clients write: single records, or whole namespaces too. */
export type Workload = "records" | "namespaces";

/** Runs one random sequence to its end and checks every promise. The same seed gives the same sequence. */
export async function simulate(
  seed: number,
  mutation?: Mutation,
  workload: Workload = "records",
): Promise<SimulationResult> {
  const scheduler = new Scheduler(seed);
  const world = createWorld(scheduler, mutation, workload);
  const run = new Run(world);
  await run.run();
  return run.result();
}

function createWorld(scheduler: Scheduler, mutation: Mutation | undefined, workload: Workload): World {
  const lease = () => scheduler.pick([landingMs + clockErrorMs + 3, 20, 30, 45]);
  const timing: Timing = {
    landingMs,
    clockErrorMs,
    markLeaseMs: lease(),
    claimLeaseMs: lease(),
    heartbeatLeaseMs: Math.max(25, scheduler.chance(0.3) ? 60 : lease()),
    takeoverAfterMs: scheduler.pick([0, 5, 20]),
    readBoundMs: scheduler.pick([10, 25, 60]),
  };
  const longestLease = Math.max(timing.markLeaseMs, timing.claimLeaseMs, timing.heartbeatLeaseMs);
  return {
    scheduler,
    stores: {
      source: new SimulatedStore("source", scheduler, landingMs),
      target: new SimulatedStore("target", scheduler, landingMs),
    },
    state: new SimulatedState(scheduler, new MemoryRows(() => scheduler.now, mutation)),
    timing,
    mutation,
    writes: [],
    reads: [],
    ids: scheduler.chance(0.5) ? ["a"] : ["a", "b"],
    resets: workload === "namespaces" ? 0.25 : 0,
    pauses: { chance: 0, longest: 0 },
    pace: { work: scheduler.pick([2, 6, 16]), beat: scheduler.pick([3, 8, 16]) },
    settleDelay: scheduler.pick([0, 0, 20]),
    drift: scheduler.chance(0.5) ? clockErrorMs / longestLease : 0,
    isQuiet: false,
    processCount: 0,
    idCount: 0,
    defect: undefined,
    breach: undefined,
  };
}

class Run {
  readonly #world: World;
  readonly #initial = new Map<string, StoreRecord>();
  #processes: SimulatedProcess[] = [];
  #writeCount = 0;
  #fault: string | undefined;
  #isVoid = false;
  #events = 0;

  constructor(world: World) {
    this.#world = world;
    const { scheduler, stores, ids } = world;
    for (const id of ids) {
      if (scheduler.chance(0.6)) {
        const record = recordOf(id, "initial");
        stores.source.records.set(id, record);
        this.#initial.set(id, record);
      }
      // The target may hold what the source does not.
      if (scheduler.chance(0.3)) stores.target.records.set(id, recordOf(id, "foreign"));
    }
  }

  async run(): Promise<void> {
    const { scheduler } = this.#world;
    this.#chooseStage();
    this.#chooseFaults();
    const processes = scheduler.integer(2, 3);
    for (let place = 0; place < processes; place++) this.#startProcess();
    const end = this.#plan();
    await this.#runUntil(end, () => false);
    if (this.#isVoid) return;
    this.#endFaults();
    const limit = scheduler.now + 4_000;
    const operator = this.#resolve();
    await this.#runUntil(limit, () => this.#isQuiet());
    if (this.#isVoid) return;
    if (!this.#isQuiet()) return this.#fail(`it does not become quiet: ${describeState(this.#world)}`);
    // What is still on its way lands.
    await this.#runUntil(scheduler.now + landingMs + 1, () => false);
    await this.#runUntil(scheduler.now + 4_000, () => this.#isQuiet());
    operator.isOver = true;
    // A command of an operator may arrive late, and lead back to a store that has died since.
    if (this.#isVoid) return;
    if (!this.#isQuiet()) return this.#fail(`it does not stay quiet: ${describeState(this.#world)}`);
    this.#fault ??= faultOf(this.#world, this.#initial);
  }

  result(): SimulationResult {
    const control = this.#control();
    const { defect, breach } = this.#world;
    const fault = defect === undefined ? (breach ?? this.#fault) : `defect: ${(defect as Error).stack}`;
    return { fault, isVoid: this.#isVoid, stage: control.stage, events: this.#events };
  }

  #control(): Control {
    return (this.#world.state.rows as MemoryRows).control();
  }

  #runUntil(time: number, isDone: () => boolean): Promise<void> {
    return this.#world.scheduler.run(time, () => {
      this.#events++;
      return isDone() || this.#world.defect !== undefined;
    });
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
  }

  #startProcess(): void {
    this.#world.scheduler.resumed();
    const process = new SimulatedProcess(this.#world);
    process.start(this.#world.scheduler.integer(1, 2));
    this.#processes.push(process);
  }

  /** Many sequences begin in the middle of a cutover, with equal stores. */
  #chooseStage(): void {
    const { scheduler, stores, state } = this.#world;
    const stage = scheduler.pick([
      "source",
      "source",
      "source",
      "dual-write",
      "canary",
      "canary",
      "target",
      "target",
    ] as const);
    if (stage === "source") return;
    stores.target.records.clear();
    for (const [id, record] of stores.source.records) stores.target.records.set(id, record);
    state.rows.saveControl({
      ...initialControl,
      stage,
      leader: leaders[stage],
      epoch: 5,
      startEpoch: 2,
      isRecording: true,
      isStartComplete: true,
      level: "level",
      confirmedAt: 0,
      canaryPercent: 50,
    });
  }

  /** Each sequence has some kinds of faults and not others: rare combinations become likely. */
  #chooseFaults(): void {
    const { scheduler, stores, state } = this.#world;
    const some = (probability: number, most: number) =>
      scheduler.chance(probability) ? scheduler.random() * most : 0;
    for (const store of [stores.source, stores.target]) {
      store.faults = {
        lostAnswer: some(0.4, 0.3),
        lateWrite: some(0.4, 0.4),
        lostRequest: some(0.3, 0.2),
        refused: some(0.2, 0.2),
      };
    }
    state.lostRequest = some(0.3, 0.1);
    state.lostAnswer = some(0.3, 0.1);
    state.slowness = { chance: some(0.5, 0.3), longest: scheduler.pick([5, 15, 40]) };
    this.#world.pauses = { chance: some(0.4, 0.08), longest: scheduler.pick([5, 20, 60]) };
  }

  /** Schedules clients, faults and the operator. @returns when it is over */
  #plan(): number {
    const { scheduler, stores, state, ids } = this.#world;
    const goals = this.#goals();
    const end = 40 + goals.length * scheduler.between(15, 60);
    this.#operate(goals);
    const writes = scheduler.integer(2, 7);
    for (let place = 0; place < writes; place++) {
      scheduler.at(scheduler.between(0, end), () => this.#client((process) => process.write(this.#next())));
    }
    for (let place = scheduler.integer(0, 4); place > 0; place--) {
      scheduler.at(scheduler.between(0, end), () =>
        this.#client((process) => process.read(scheduler.pick(ids))),
      );
    }
    if (scheduler.chance(0.3)) {
      scheduler.at(scheduler.between(0, end), () => this.#client((process) => process.catchUp()));
    }
    for (let place = scheduler.pick([0, 0, 1, 2]); place > 0; place--) {
      scheduler.at(scheduler.between(0, end), () => this.#crash());
    }
    for (const store of [stores.source, stores.target]) {
      if (!scheduler.chance(0.35)) continue;
      scheduler.at(scheduler.between(0, end), () => this.#outage(store, scheduler.pick([1, 1, 5])));
    }
    if (scheduler.chance(0.15)) {
      scheduler.at(scheduler.between(0, end), () => {
        state.downUntil = scheduler.now + scheduler.between(2, 50);
      });
    }
    if (scheduler.chance(0.25)) {
      const side = scheduler.pick<Side>(["source", "target"]);
      scheduler.at(scheduler.between(end / 3, end), () => this.#killForGood(side));
    }
    return end;
  }

  /** A store is down for a while, or goes down and up several times. */
  #outage(store: SimulatedStore, times: number): void {
    const { scheduler, isQuiet } = this.#world;
    if (isQuiet || store.isDead || times === 0) return;
    const length = times === 1 ? scheduler.between(5, 90) : scheduler.between(2, 15);
    store.downUntil = Math.max(store.downUntil, scheduler.now + length);
    scheduler.after(length + scheduler.between(2, 10), () => this.#outage(store, times - 1));
  }

  #goals(): CutoverEvent[] {
    const { scheduler } = this.#world;
    const goals: CutoverEvent[] = [];
    let place = way.indexOf(this.#control().stage);
    for (let left = scheduler.integer(1, 5); left > 0; left--) {
      if (place > 0 && scheduler.chance(0.35)) {
        goals.push("rollback");
        place = 0;
      } else if (place === way.length - 1) {
        if (scheduler.chance(0.2)) return [...goals, "finish"];
      } else goals.push(place++ === 0 ? "start" : "advance");
    }
    return goals;
  }

  /** The operator goes through the goals; at times another one interferes. */
  async #operate(goals: readonly CutoverEvent[]): Promise<void> {
    const { scheduler } = this.#world;
    const patience = scheduler.pick([5, 30, 100]);
    await this.#pause(scheduler.between(0, 30));
    for (const goal of goals) {
      for (let attempt = 0; attempt < patience && !this.#world.isQuiet; attempt++) {
        if (await this.#change(goal)) break;
        if (scheduler.chance(0.02)) await this.#change("rollback");
        await this.#pause(scheduler.between(1, 8));
      }
      await this.#pause(scheduler.pick([0, 2, 10, 40]) * scheduler.random());
    }
  }

  #pause(ms: number): Promise<void> {
    const { scheduler } = this.#world;
    return new Promise((resolve) => {
      scheduler.after(ms, () => {
        scheduler.resumed();
        resolve();
      });
    });
  }

  async #change(event: CutoverEvent): Promise<boolean> {
    const process = this.#living();
    if (process === undefined) return false;
    const { scheduler, stores } = this.#world;
    // Nobody goes back to a store that is lost.
    if (event === "rollback" && stores.source.isDead) return true;
    const { protocol, uniqueId } = process.parts;
    try {
      const { stage } = this.#control();
      const result = await changeStage(
        protocol,
        event,
        { who: "operator" },
        { holdId: uniqueId(), canaryPercent: scheduler.pick([10, 50, 100]) },
      );
      if (result.isDone) {
        this.#burst();
        // The worst time for an unsteady leader is a hold.
        if (result.control.hold && scheduler.chance(0.3)) this.#outage(stores[result.control.leader], 5);
      }
      if (stage === "canary" && scheduler.chance(0.1)) await setCanary(protocol, 100, { who: "operator" });
      return result.isDone;
    } catch (error) {
      if (!(error instanceof LostError)) this.#world.defect ??= error;
      return false;
    }
  }

  /** Writes come close to a change of stage. */
  #burst(): void {
    const { scheduler, isQuiet } = this.#world;
    if (isQuiet || this.#writeCount > 9 || !scheduler.chance(0.6)) return;
    for (let place = scheduler.integer(1, 2); place > 0; place--) {
      scheduler.after(scheduler.between(0, scheduler.pick([8, 50])), () =>
        this.#client((process) => process.write(this.#next())),
      );
    }
  }

  #living(): SimulatedProcess | undefined {
    const living = this.#processes.filter(({ isAlive }) => isAlive);
    return living.length === 0 ? undefined : this.#world.scheduler.pick(living);
  }

  #client(act: (process: SimulatedProcess) => Promise<void>): void {
    const process = this.#living();
    this.#world.scheduler.resumed();
    if (process) act(process);
  }

  #next(): Operation[] {
    const { scheduler, ids, resets } = this.#world;
    if (resets > 0 && scheduler.chance(resets)) return [{ kind: "reset" }];
    const isBatch = ids.length > 1 && scheduler.chance(0.2);
    const named = isBatch ? ids : [scheduler.pick(ids)];
    const kind = isBatch
      ? "document"
      : scheduler.pick(["document", "document", "change", "change", "delete"]);
    const number = String(this.#writeCount++);
    return named.map((id): Operation => {
      if (kind === "document") return { kind, document: recordOf(id, number) };
      if (kind === "delete") return { kind, id };
      const field = scheduler.pick(["x", "y"]);
      return { kind: "change", change: { id, metadata: { [field]: number }, mergeMetadata: true } };
    });
  }

  #crash(): void {
    const process = this.#living();
    if (process === undefined) return;
    process.isAlive = false;
    const { scheduler } = this.#world;
    scheduler.after(scheduler.between(0, 30), () => this.#startProcess());
  }

  #killForGood(side: Side): void {
    const { stores } = this.#world;
    const { level, stage, hold } = this.#control();
    if (stores.source.isDead || stores.target.isDead) return;
    // Before the target is level, a dead source is the end: nothing is promised.
    if (side === "source" && (level !== "level" || stage === "source" || hold?.to === "source")) return;
    if (side === "target" && stage === "target-only") return;
    stores[side].downUntil = Number.POSITIVE_INFINITY;
  }

  #endFaults(): void {
    const { world } = { world: this.#world };
    world.isQuiet = true;
    world.pauses = { chance: 0, longest: 0 };
    world.settleDelay = 0;
    world.state.lostAnswer = 0;
    world.state.lostRequest = 0;
    world.state.downUntil = 0;
    world.state.slowness = { chance: 0, longest: 0 };
    for (const store of [world.stores.source, world.stores.target]) {
      store.faults = noFaults;
      if (!store.isDead) store.downUntil = 0;
    }
    if (this.#living() === undefined) this.#startProcess();
  }

  /** With a dead store, someone has to move the traffic to the other one. */
  #resolve(): { isOver: boolean } {
    const { stores, scheduler } = this.#world;
    const operator = { isOver: false };
    const run = async () => {
      while (!operator.isOver) {
        const { stage, hold, leader } = this.#control();
        if (stores.target.isDead && stage === "target-only") this.#isVoid = true;
        if (stores.target.isDead && stage !== "source" && !(hold?.to === "source")) {
          await this.#change("rollback");
        }
        if (stores.source.isDead) {
          // It was rolled back to a store that has died since: nothing is promised.
          if (stage === "source" || hold?.to === "source" || this.#control().level !== "level") {
            this.#isVoid = true;
          }
          if (leader === "source" && !hold) await this.#change("advance");
        }
        await this.#pause(scheduler.between(2, 10));
      }
    };
    run();
    return operator;
  }

  #isQuiet(): boolean {
    if (this.#isVoid) return true;
    const { stores, state, scheduler } = this.#world;
    const rows = state.rows as MemoryRows;
    const { stage, hold, leader, isRecording, isStartComplete } = this.#control();
    if (hold) return false;
    if (stores[leader].isDead) return false;
    if (!isRecording) return true;
    // A rollback ends, whether the target is dead or alive.
    if (stage === "source") return false;
    if (rows.hasQueued() || rows.hasUnfinishedOpen(scheduler.now)) return false;
    if (stores[leader === "source" ? "target" : "source"].isDead) return true;
    return isStartComplete && rows.firstMark() === undefined && this.#control().level === "level";
  }
}

function recordOf(id: string, value: string): { id: string; text: string; metadata: { value: string } } {
  return { id, text: "text", metadata: { value } };
}
