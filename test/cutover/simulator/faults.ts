import type { Control, Side } from "../../../src/state/cutover/rows.ts";
import type { MemoryRows } from "./memory-rows.ts";
import { noFaults, type SimulatedStore } from "./store.ts";
import type { World } from "./world.ts";

export function controlOf({ state }: World): Control {
  return (state.rows as MemoryRows).control();
}

/** What goes wrong with the stores, with the state store, and on the way to them. */
export class Faults {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Each sequence has some kinds of faults and not others: rare combinations become likely. */
  choose(): void {
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

  /** A store is down for a while, or goes down and up several times. */
  outage(store: SimulatedStore, times: number): void {
    const { scheduler, isQuiet } = this.#world;
    if (isQuiet || store.isDead || times === 0) return;
    const length = times === 1 ? scheduler.between(5, 90) : scheduler.between(2, 15);
    store.downUntil = Math.max(store.downUntil, scheduler.now + length);
    scheduler.after(length + scheduler.between(2, 10), () => this.outage(store, times - 1));
  }

  stateOutage(): void {
    const { state, scheduler } = this.#world;
    state.downUntil = scheduler.now + scheduler.between(2, 50);
  }

  /** Unless nothing would be promised then. */
  killForGood(side: Side): void {
    const { stores } = this.#world;
    const { level, stage, hold } = controlOf(this.#world);
    if (stores.source.isDead || stores.target.isDead) return;
    // Before the target is level, a dead source is the end: nothing is promised.
    if (side === "source" && (level !== "level" || stage === "source" || hold?.to === "source")) return;
    if (side === "target" && stage === "target-only") return;
    stores[side].downUntil = Number.POSITIVE_INFINITY;
  }

  /** Everything works again, except stores that are lost for good. */
  end(): void {
    const world = this.#world;
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
  }
}
