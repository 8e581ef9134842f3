import type { Control, Side } from "../../../src/state/cutover/rows.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { describeState, faultOf } from "./check.ts";
import { Clients, fillStores } from "./clients.ts";
import { controlOf, Faults } from "./faults.ts";
import type { MemoryRows } from "./memory-rows.ts";
import type { Mutation } from "./mutations.ts";
import { chooseStage, Operator } from "./operator.ts";
import { createWorld, landingMs, type Workload, type World } from "./world.ts";

export interface SimulationResult {
  /** What the protocol broke; `undefined` if it kept its promises. */
  readonly fault: string | undefined;
  /** The sides that were lost for good before the protocol promises anything: nothing was checked. */
  readonly isVoid: boolean;
  readonly stage: Control["stage"];
  readonly events: number;
}

/** Runs one random sequence to its end and checks every promise. The same seed gives the same sequence. */
export async function simulate(
  seed: number,
  mutation?: Mutation,
  workload: Workload = "records",
): Promise<SimulationResult> {
  const run = new Run(createWorld(seed, mutation, workload));
  await run.run();
  return run.result();
}

class Run {
  readonly #world: World;
  readonly #clients: Clients;
  readonly #faults: Faults;
  readonly #operator: Operator;
  readonly #initial: ReadonlyMap<string, StoreRecord>;
  #fault: string | undefined;
  #events = 0;

  constructor(world: World) {
    this.#world = world;
    this.#clients = new Clients(world);
    this.#faults = new Faults(world);
    this.#operator = new Operator(world, this.#clients, this.#faults);
    this.#initial = fillStores(world);
  }

  async run(): Promise<void> {
    const { scheduler, workload } = this.#world;
    if (workload !== "outage") chooseStage(this.#world);
    this.#faults.choose();
    const processes = scheduler.integer(2, 3);
    for (let place = 0; place < processes; place++) this.#clients.startProcess();
    const end = workload === "outage" ? this.#planOutages() : this.#planCutover();
    await this.#runUntil(end, () => false);
    if (this.#operator.isVoid) return;
    this.#faults.end();
    if (this.#clients.living() === undefined) this.#clients.startProcess();
    const limit = scheduler.now + 4_000;
    const resolved = workload === "outage" ? undefined : this.#operator.resolve();
    await this.#runUntil(limit, () => this.#isQuiet());
    if (this.#operator.isVoid) return;
    if (!this.#isQuiet()) return this.#fail(`it does not become quiet: ${describeState(this.#world)}`);
    // What is still on its way lands.
    await this.#runUntil(scheduler.now + landingMs + 1, () => false);
    await this.#runUntil(scheduler.now + 4_000, () => this.#isQuiet());
    if (resolved) resolved.isOver = true;
    // A command of an operator may arrive late, and lead back to a store that has died since.
    if (this.#operator.isVoid) return;
    if (!this.#isQuiet()) return this.#fail(`it does not stay quiet: ${describeState(this.#world)}`);
    this.#fault ??= faultOf(this.#world, this.#initial);
  }

  result(): SimulationResult {
    const { stage } = controlOf(this.#world);
    const { defect, breach } = this.#world;
    const fault = defect === undefined ? (breach ?? this.#fault) : `defect: ${(defect as Error).stack}`;
    return { fault, isVoid: this.#operator.isVoid, stage, events: this.#events };
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

  /** Schedules clients, faults and the operator. @returns when it is over */
  #planCutover(): number {
    const { scheduler, workload } = this.#world;
    const goals = this.#operator.goals();
    const end = 40 + goals.length * scheduler.between(15, 60);
    this.#operator.operate(goals);
    const someTime = (run: () => void) => scheduler.at(scheduler.between(0, end), run);
    if (workload === "groups" || workload === "routed") this.#planCrowds(someTime);
    this.#planClients(someTime);
    this.#planFaults(someTime);
    if (scheduler.chance(0.25)) {
      const side = scheduler.pick<Side>(["source", "target"]);
      scheduler.at(scheduler.between(end / 3, end), () => this.#faults.killForGood(side));
    }
    return end;
  }

  /** The same with one store, which goes down now and then. */
  #planOutages(): number {
    const { scheduler, stores } = this.#world;
    const end = scheduler.between(40, 200);
    const someTime = (run: () => void) => scheduler.at(scheduler.between(0, end), run);
    for (let place = scheduler.integer(1, 2); place > 0; place--) {
      someTime(() => {
        this.#faults.outage(stores.source, scheduler.pick([1, 1, 5]));
        this.#clients.burst();
      });
    }
    this.#planCrowds(someTime);
    this.#planClients(someTime);
    this.#planFaults(someTime);
    return end;
  }

  #planCrowds(someTime: (run: () => void) => void): void {
    for (let place = this.#world.scheduler.integer(1, 2); place > 0; place--) {
      someTime(() => this.#clients.crowd());
    }
  }

  #planClients(someTime: (run: () => void) => void): void {
    const { scheduler, ids, workload } = this.#world;
    const writes =
      workload === "groups" || workload === "routed" ? scheduler.integer(1, 3) : scheduler.integer(2, 7);
    for (let place = 0; place < writes; place++) someTime(() => this.#clients.write());
    // One store returns what it holds: nothing is promised of its age.
    if (workload === "outage") return;
    for (let place = scheduler.integer(0, 4); place > 0; place--) {
      someTime(() => this.#clients.act((process) => process.read(scheduler.pick(ids))));
    }
    if (scheduler.chance(0.3)) someTime(() => this.#clients.act((process) => process.catchUp()));
  }

  #planFaults(someTime: (run: () => void) => void): void {
    const { scheduler, stores } = this.#world;
    for (let place = scheduler.pick([0, 0, 1, 2]); place > 0; place--) someTime(() => this.#clients.crash());
    for (const store of [stores.source, stores.target]) {
      if (scheduler.chance(0.35)) someTime(() => this.#faults.outage(store, scheduler.pick([1, 1, 5])));
    }
    if (scheduler.chance(0.15)) someTime(() => this.#faults.stateOutage());
  }

  #isQuiet(): boolean {
    if (this.#operator.isVoid) return true;
    const { workload, stores, state, scheduler } = this.#world;
    const rows = state.rows as MemoryRows;
    if (workload === "outage") return rows.firstMark() === undefined;
    const { stage, hold, leader, isRecording, isStartComplete, level } = controlOf(this.#world);
    if (hold) return false;
    if (stores[leader].isDead) return false;
    if (!isRecording) return true;
    // A rollback ends, whether the target is dead or alive.
    if (stage === "source") return false;
    if (rows.hasQueued() || rows.hasUnfinishedOpen(scheduler.now)) return false;
    if (stores[leader === "source" ? "target" : "source"].isDead) return true;
    return isStartComplete && rows.firstMark() === undefined && level === "level";
  }
}
