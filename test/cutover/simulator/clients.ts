import type { Operation } from "../../../src/cutover/operation.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { SimulatedProcess } from "./process.ts";
import type { World } from "./world.ts";

/** The processes of a run, and the clients that write and read through them. */
export class Clients {
  readonly #world: World;
  #processes: SimulatedProcess[] = [];
  #writeCount = 0;

  constructor(world: World) {
    this.#world = world;
  }

  startProcess(): void {
    const { scheduler } = this.#world;
    scheduler.resumed();
    const process = new SimulatedProcess(this.#world);
    process.start(scheduler.integer(1, 2));
    this.#processes.push(process);
  }

  living(): SimulatedProcess | undefined {
    const living = this.#processes.filter(({ isAlive }) => isAlive);
    return living.length === 0 ? undefined : this.#world.scheduler.pick(living);
  }

  /** A process dies, and another one starts some time later. */
  crash(): void {
    const process = this.living();
    if (process === undefined) return;
    process.isAlive = false;
    const { scheduler } = this.#world;
    scheduler.after(scheduler.between(0, 30), () => this.startProcess());
  }

  /** A client acts through a process. */
  act(act: (process: SimulatedProcess) => Promise<void>): void {
    const process = this.living();
    this.#world.scheduler.resumed();
    if (process) act(process);
  }

  write(): void {
    this.act((process) => process.write(this.#next()));
  }

  /** Several clients write through one process, so that their writes share transactions. */
  crowd(): void {
    this.act(async (process) => {
      const { scheduler } = this.#world;
      const count = scheduler.integer(2, 4);
      await Promise.all(Array.from({ length: count }, () => process.write(this.#next())));
    });
  }

  /** Writes come close to a change of stage, or to an outage. */
  burst(): void {
    const { scheduler, isQuiet } = this.#world;
    if (isQuiet || this.#writeCount > 9 || !scheduler.chance(0.6)) return;
    for (let place = scheduler.integer(1, 2); place > 0; place--) {
      scheduler.after(scheduler.between(0, scheduler.pick([8, 50])), () => this.write());
    }
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
}

/** What the stores hold at first. @returns the records of the source */
export function fillStores({ scheduler, stores, ids }: World): Map<string, StoreRecord> {
  const initial = new Map<string, StoreRecord>();
  for (const id of ids) {
    if (scheduler.chance(0.6)) {
      const record = recordOf(id, "initial");
      stores.source.records.set(id, record);
      initial.set(id, record);
    }
    // The target may hold what the source does not.
    if (stores.target !== stores.source && scheduler.chance(0.3)) {
      stores.target.records.set(id, recordOf(id, "foreign"));
    }
  }
  return initial;
}

function recordOf(id: string, value: string): { id: string; text: string; metadata: { value: string } } {
  return { id, text: "text", metadata: { value } };
}
