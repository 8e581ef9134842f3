import type { Protocol } from "../../../src/cutover/rules/protocol.ts";
import type { CutoverRows } from "../../../src/state/cutover/rows.ts";
import { StateError } from "../../../src/state/state-error.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Resume } from "./store.ts";

/** The state store: transactions one after the other, whose requests and answers may be lost. */
export class SimulatedState {
  readonly rows: CutoverRows;
  lostRequest = 0;
  lostAnswer = 0;
  downUntil = 0;
  /** How often a request or an answer takes long, and how long. */
  slowness = { chance: 0, longest: 0 };
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler, rows: CutoverRows) {
    this.#scheduler = scheduler;
    this.rows = rows;
  }

  #latency(): number {
    const scheduler = this.#scheduler;
    const { chance, longest } = this.slowness;
    return scheduler.chance(chance) ? scheduler.between(0, longest) : scheduler.between(0.05, 0.5);
  }

  /**
   * @param lag milliseconds that answers to this process take longer, at most
   * @param see what a transaction of this process sees; for mutations
   */
  transactionFor(
    resume: Resume,
    lag: () => number,
    see: (rows: CutoverRows) => CutoverRows = (rows) => rows,
  ): Protocol["transaction"] {
    const scheduler = this.#scheduler;
    return <T>(work: (rows: CutoverRows) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const fail = (mayHaveCommitted: boolean) =>
          scheduler.after(this.#latency(), () => resume(() => reject(new LostError(mayHaveCommitted))));
        scheduler.after(this.#latency(), () => {
          if (scheduler.now < this.downUntil || scheduler.chance(this.lostRequest)) return fail(false);
          scheduler.resumed();
          work(see(this.rows)).then(
            (value) => {
              if (scheduler.chance(this.lostAnswer)) return fail(true);
              const latency = this.#latency() + scheduler.between(0, lag());
              scheduler.after(latency, () => resume(() => resolve(value)));
            },
            (error) => resume(() => reject(error)),
          );
        });
      });
  }
}

export class LostError extends StateError {
  constructor(mayHaveCommitted: boolean) {
    super("unavailable", "The state store did not answer.", { mayHaveCommitted });
  }
}
