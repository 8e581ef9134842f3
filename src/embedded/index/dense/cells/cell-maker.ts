import { setImmediate } from "node:timers/promises";
import type { DenseCodes } from "../codes.ts";
import type { Cells } from "./cells.ts";
import { trainCells } from "./train.ts";

/** With fewer rows a search takes less than a millisecond as it is. */
const fewestRows = 50_000;

/** Searches before cells are made: a program that asks a few questions does not wait for them at its end. */
const searchesBefore = 16;

/** Cells are made again when there are so many times the rows. */
const growth = 4;

/** Milliseconds of work between two turns of the event loop: a search that waits is not much slower. */
const sliceMilliseconds = 2;

/** Makes the cells of a namespace in the background while it is searched, and again when it has grown. */
export class CellMaker {
  readonly #take: (cells: Cells | undefined, codes: DenseCodes) => void;
  #searches = 0;
  /** Rows when cells were made, or found not to help. */
  #madeFor = 0;
  #isRunning = false;
  #isStopped = false;

  /** @param take receives the cells; `undefined` if they do not help */
  constructor(take: (cells: Cells | undefined, codes: DenseCodes) => void) {
    this.#take = take;
  }

  /** Notes that cells exist, as after a restore. */
  noteMade(rowCount: number): void {
    this.#madeFor = rowCount;
  }

  /** Call for each search, with int8 codes of all rows. */
  noteSearch(codes: DenseCodes): void {
    const { rowCount } = codes;
    this.#searches++;
    const isDue = rowCount >= fewestRows && rowCount >= growth * this.#madeFor;
    if (this.#isRunning || this.#isStopped || this.#searches < searchesBefore || !isDue) return;
    this.#isRunning = true;
    this.#madeFor = rowCount;
    // Cells only make searches faster. A failure, as of a closed index, leaves them out.
    this.#run(codes)
      .catch(() => {})
      .finally(() => {
        this.#isRunning = false;
      });
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(codes: DenseCodes): Promise<void> {
    const steps = trainCells(codes);
    for (;;) {
      const end = performance.now() + sliceMilliseconds;
      do {
        const step = steps.next();
        if (step.done) return this.#take(step.value, codes);
      } while (performance.now() < end);
      await setImmediate(undefined, { ref: false });
      if (this.#isStopped) return;
    }
  }
}
