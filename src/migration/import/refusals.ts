import type { ImportListener, Refusal } from "./events.ts";
import type { Interruption } from "./interruption.ts";

/** The refused records; more than the maximum stop the import, also if they are left out on request. */
export class Refusals {
  readonly #maximum: number;
  readonly #interruption: Interruption;
  readonly #emit: ImportListener;
  readonly #refusals: Refusal[] = [];
  #omittedCount = 0;

  constructor(maximum: number, interruption: Interruption, emit: ImportListener) {
    this.#maximum = maximum;
    this.#interruption = interruption;
    this.#emit = emit;
  }

  get all(): readonly Refusal[] {
    return this.#refusals;
  }

  /** Every one of them is left out on request. */
  get areOmitted(): boolean {
    return this.#refusals.length === this.#omittedCount;
  }

  add(refusal: Refusal, isOmitted = false): void {
    if (this.#refusals.length > this.#maximum) return;
    this.#refusals.push(refusal);
    if (isOmitted) this.#omittedCount++;
    this.#emit({ type: "record-refused", ...refusal });
    if (this.#refusals.length > this.#maximum) this.#interruption.stop({ outcome: "refusals-exceeded" });
  }
}
