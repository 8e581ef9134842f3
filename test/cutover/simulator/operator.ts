import { changeStage, setCanary } from "../../../src/cutover/rules/change.ts";
import { type CutoverEvent, leaders } from "../../../src/cutover/transitions.ts";
import { initialControl, type Stage } from "../../../src/state/cutover/rows.ts";
import type { Clients } from "./clients.ts";
import { controlOf, type Faults } from "./faults.ts";
import { LostError } from "./state.ts";
import type { World } from "./world.ts";

const way: readonly Stage[] = ["source", "dual-write", "shadow-read", "canary", "target"];

/** The people who change the stage. */
export class Operator {
  /** Nothing is promised: a store was lost before, or someone went back to one that is lost. */
  isVoid = false;
  readonly #world: World;
  readonly #clients: Clients;
  readonly #faults: Faults;

  constructor(world: World, clients: Clients, faults: Faults) {
    this.#world = world;
    this.#clients = clients;
    this.#faults = faults;
  }

  /** Stages to go through, at random. */
  goals(): CutoverEvent[] {
    const { scheduler } = this.#world;
    const goals: CutoverEvent[] = [];
    let place = way.indexOf(controlOf(this.#world).stage);
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
  async operate(goals: readonly CutoverEvent[]): Promise<void> {
    const { scheduler } = this.#world;
    const patience = scheduler.pick([5, 30, 100]);
    await this.#pause(scheduler.between(0, 30));
    for (const goal of goals) {
      for (let attempt = 0; attempt < patience && !this.#world.isQuiet; attempt++) {
        if (attempt % 5 === 3) this.#pauseAndResume();
        if (await this.#change(goal)) break;
        if (scheduler.chance(0.02)) await this.#change("rollback");
        await this.#pause(scheduler.between(1, 8));
      }
      await this.#pause(scheduler.pick([0, 2, 10, 40]) * scheduler.random());
    }
  }

  /** A pause begins an epoch, and nothing else changes: what was confirmed stays so. */
  #pauseAndResume(): void {
    const control = controlOf(this.#world);
    this.#world.state.rows.saveControl({ ...control, epoch: control.epoch + 2 });
  }

  async #change(event: CutoverEvent): Promise<boolean> {
    const process = this.#clients.living();
    if (process === undefined) return false;
    const { scheduler, stores } = this.#world;
    // Nobody goes back to a store that is lost.
    if (event === "rollback" && stores.source.isDead) return true;
    const { protocol, uniqueId } = process.parts;
    try {
      const { stage } = controlOf(this.#world);
      const result = await changeStage(
        protocol,
        event,
        { who: "operator" },
        { holdId: uniqueId(), canaryPercent: scheduler.pick([10, 50, 100]) },
      );
      if (result.isDone) {
        this.#clients.burst();
        // The worst time for an unsteady leader is a hold.
        if (result.control.hold && scheduler.chance(0.3))
          this.#faults.outage(stores[result.control.leader], 5);
      }
      if (stage === "canary" && scheduler.chance(0.1)) await setCanary(protocol, 100, { who: "operator" });
      return result.isDone;
    } catch (error) {
      if (!(error instanceof LostError)) this.#world.defect ??= error;
      return false;
    }
  }

  /** With a dead store, someone has to move the traffic to the other one. */
  resolve(): { isOver: boolean } {
    const { stores, scheduler } = this.#world;
    const operator = { isOver: false };
    const run = async () => {
      while (!operator.isOver) {
        const { stage, hold, leader } = controlOf(this.#world);
        if (stores.target.isDead && stage === "target-only") this.isVoid = true;
        if (stores.target.isDead && stage !== "source" && !(hold?.to === "source")) {
          await this.#change("rollback");
        }
        if (stores.source.isDead) {
          // It was rolled back to a store that has died since: nothing is promised.
          if (stage === "source" || hold?.to === "source" || controlOf(this.#world).level !== "level") {
            this.isVoid = true;
          }
          if (leader === "source" && !hold) await this.#change("advance");
        }
        await this.#pause(scheduler.between(2, 10));
      }
    };
    run();
    return operator;
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
}

/** Many sequences begin in the middle of a cutover, with equal stores. */
export function chooseStage({ scheduler, stores, state }: World): void {
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
