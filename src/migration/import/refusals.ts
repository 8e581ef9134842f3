import type { ImportListener, Refusal } from "./events.ts";
import type { Interruption } from "./interruption.ts";

/** The refused records; more than the maximum stop the import. */
export class Refusals {
  readonly #maximum: number;
  readonly #interruption: Interruption;
  readonly #emit: ImportListener;
  readonly #refusals: Refusal[] = [];

  constructor(maximum: number, interruption: Interruption, emit: ImportListener) {
    this.#maximum = maximum;
    this.#interruption = interruption;
    this.#emit = emit;
  }

  get all(): readonly Refusal[] {
    return this.#refusals;
  }

  add(refusal: Refusal): void {
    if (this.#refusals.length > this.#maximum) return;
    this.#refusals.push(refusal);
    this.#emit({ type: "record-refused", ...refusal });
    if (this.#refusals.length > this.#maximum) this.#interruption.stop({ outcome: "refusals-exceeded" });
  }
}
