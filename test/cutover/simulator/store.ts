import { applyOperation, idOf, type Operation } from "../../../src/cutover/operation.ts";
import type { Replica, SendResult } from "../../../src/cutover/replica.ts";
import { ConnectionError } from "../../../src/foundation/errors.ts";
import type { RecordKey } from "../../../src/state/cutover/rows.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import type { Scheduler } from "./scheduler.ts";

/** How often the calls of stores go wrong, from 0 to 1. */
export interface StoreFaults {
  readonly lostAnswer: number;
  readonly lateWrite: number;
  readonly lostRequest: number;
  readonly refused: number;
}

export const noFaults: StoreFaults = { lostAnswer: 0, lateWrite: 0, lostRequest: 0, refused: 0 };

/** Runs what a caller waits for, unless its process died; a paused process gets it later. */
export type Resume = (run: () => void) => void;

/** A store without conditional writes, whose calls land within a time or never. */
export class SimulatedStore {
  readonly name: string;
  readonly records = new Map<string, StoreRecord>();
  faults: StoreFaults = noFaults;
  /** Nothing reaches it until then. */
  downUntil = 0;
  readonly #scheduler: Scheduler;
  readonly #landing: number;

  constructor(name: string, scheduler: Scheduler, landing: number) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#landing = landing;
  }

  get isDown(): boolean {
    return this.#scheduler.now < this.downUntil;
  }

  get isDead(): boolean {
    return this.downUntil === Number.POSITIVE_INFINITY;
  }

  #latency(): number {
    const scheduler = this.#scheduler;
    return scheduler.chance(0.1) ? scheduler.between(1, this.#landing / 2) : scheduler.between(0.2, 1.5);
  }

  #land(operations: readonly Operation[]): boolean {
    if (this.isDown) return false;
    for (const operation of operations) {
      if (operation.kind === "reset") {
        this.records.clear();
        continue;
      }
      const id = idOf(operation);
      const record = applyOperation(this.records.get(id), operation);
      if (record === undefined) this.records.delete(id);
      else this.records.set(id, record);
    }
    return true;
  }

  send(operations: readonly Operation[], resume: Resume): Promise<SendResult> {
    const scheduler = this.#scheduler;
    const { faults } = this;
    return new Promise((resolve) => {
      const answer = (delay: number, outcome: SendResult["outcome"]) =>
        scheduler.after(delay, () => resume(() => resolve({ outcome, count: 0, ...this.#errorOf(outcome) })));
      const timeout = () => answer(scheduler.between(0.5, this.#landing), "unknown");
      if (this.isDown ? scheduler.chance(0.6) : scheduler.chance(faults.refused)) {
        return answer(this.#latency(), "failed");
      }
      if (scheduler.chance(faults.lostRequest)) return timeout();
      if (scheduler.chance(faults.lateWrite)) {
        scheduler.after(scheduler.between(this.#landing / 2, this.#landing), () => this.#land(operations));
        return timeout();
      }
      scheduler.after(this.#latency(), () => {
        const hasLanded = this.#land(operations);
        if (!hasLanded || scheduler.chance(faults.lostAnswer)) timeout();
        else answer(this.#latency(), "acknowledged");
      });
    });
  }

  #errorOf(outcome: SendResult["outcome"]): Pick<SendResult, "error"> {
    return outcome === "acknowledged" ? {} : { error: new DownError(this.name, outcome === "unknown") };
  }

  read(ids: readonly string[], resume: Resume): Promise<(StoreRecord | undefined)[]> {
    return new Promise((resolve, reject) => {
      this.#scheduler.after(this.#latency(), () => {
        const isDown = this.isDown;
        const records = ids.map((id) => this.records.get(id));
        this.#scheduler.after(this.#latency(), () =>
          resume(() => (isDown ? reject(new DownError(this.name)) : resolve(records))),
        );
      });
    });
  }

  /** The store as one process calls it. */
  asReplica(resume: Resume, retries: number): Replica {
    const { name } = this;
    const store = this;
    return {
      name,
      takesVectors: true,
      async send(_namespace, operations) {
        let result = await store.send(operations, resume);
        for (let left = retries; left > 0 && result.outcome === "unknown"; left--) {
          result = await store.send(operations, resume);
        }
        return result;
      },
      read: (_namespace, ids) => this.read(ids, resume),
      count: async () => {
        await this.read([], resume);
        return this.records.size;
      },
      async *keys() {
        const ids = [...store.records.keys()];
        await store.read(ids, resume);
        yield ids.map((id): RecordKey => ({ namespace: "", id }));
      },
    };
  }
}

/** The store as one process lists and reads it. */
export function readerOf(store: SimulatedStore, resume: Resume): VectorStore {
  return {
    fetch: (ids: readonly string[]) => store.read(ids, resume),
    async *range() {
      const records = await store.read([...store.records.keys()], resume);
      yield records.flatMap((record) => record ?? []);
    },
  } as Partial<VectorStore> as VectorStore;
}

export class DownError extends ConnectionError {
  constructor(name: string, mayHaveArrived = false) {
    super(name, "It is down.", { mayHaveArrived });
  }
}
