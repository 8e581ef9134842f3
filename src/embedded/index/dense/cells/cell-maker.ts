import { setTimeout } from "node:timers/promises";
import type { DenseCodes } from "../codes.ts";
import { type Cells, leastRowsForCells } from "./cells.ts";
import { type TrainingSource, trainCells } from "./train.ts";

/** Searches before cells are made: a program that asks a few questions does not wait for them at its end. */
const searchesBefore = 16;

/** Cells are made again when there are so many times the rows. */
const growth = 4;

/**
 * Milliseconds of work between two turns of the event loop: with each search, so that it is not much slower; and alone,
 * when the next search may have to wait so long.
 */
const sliceMilliseconds = { withSearch: 2, alone: 5 } as const;

/** Makes the cells of a namespace in the background while it is searched, and again when it has grown. */
export class CellMaker {
  readonly #take: (cells: Cells | undefined, codes: DenseCodes) => void;
  #searches = 0;
  /** Rows when cells were made, or found not to help. */
  #madeFor = 0;
  /** The work, while cells are made. */
  #steps: Generator<void, Cells | undefined> | undefined;
  #codes: DenseCodes | undefined;
  /** Searches since the last slice in the background. */
  #searchesSinceSlice = 0;
  #isStopped = false;

  /** @param take receives the cells; `undefined` if they do not help */
  constructor(take: (cells: Cells | undefined, codes: DenseCodes) => void) {
    this.#take = take;
  }

  /** Notes that cells exist, as after a restore. */
  noteMade(rowCount: number): void {
    this.#madeFor = rowCount;
  }

  /**
   * Call before each search.
   * @param beyondBytes bytes of int8 codes from which on cells are made (`leastRowsForCells`)
   */
  noteSearch(source: TrainingSource, beyondBytes: number): void {
    const { rowCount } = source.codes;
    this.#searches++;
    if (this.#isStopped) return;
    if (this.#steps) {
      // A program that asks one question after the other may leave the event loop no turn.
      if (this.#searchesSinceSlice++ > 0) this.#work(sliceMilliseconds.withSearch);
      return;
    }
    const isWorthwhile =
      rowCount >= Math.max(leastRowsForCells(source.codes, beyondBytes), growth * this.#madeFor);
    if (!isWorthwhile || this.#searches < searchesBefore) return;
    this.#madeFor = rowCount;
    this.#codes = source.codes;
    this.#steps = trainCells(source);
    this.#workInBackground();
  }

  stop(): void {
    this.#isStopped = true;
    this.#steps = undefined;
  }

  async #workInBackground(): Promise<void> {
    while (this.#steps) {
      // Neither an idle process nor a busy one waits for it.
      await setTimeout(1, undefined, { ref: false });
      const isAlone = this.#searchesSinceSlice === 0;
      this.#searchesSinceSlice = 0;
      this.#work(isAlone ? sliceMilliseconds.alone : sliceMilliseconds.withSearch);
    }
  }

  /** A slice of the work. Cells only make searches faster: a failure, as of a closed index, leaves them out. */
  #work(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    try {
      while (this.#steps && performance.now() < end) {
        const { done, value } = this.#steps.next();
        if (!done) continue;
        this.#steps = undefined;
        this.#take(value ?? undefined, this.#codes as DenseCodes);
      }
    } catch {
      this.#steps = undefined;
    }
  }
}
