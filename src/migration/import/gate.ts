import { setTimeout as sleep } from "node:timers/promises";
import type { Interruption } from "./interruption.ts";
import type { Pace } from "./pace.ts";

/** Admits requests as the pace allows: a maximum number at once, and none during a pause. */
export class Gate {
  readonly #pace: Pace;
  readonly #interruption: Interruption;
  #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(pace: Pace, interruption: Interruption) {
    this.#pace = pace;
    this.#interruption = interruption;
    interruption.stopped.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** @returns false if the import stops; then send no request and do not call `leave` */
  async enter(): Promise<boolean> {
    while (!this.#interruption.isStopped) {
      if (this.#pace.waitMs > 0) await this.#pause(this.#pace.waitMs);
      else if (this.#inside < this.#pace.concurrency) {
        this.#inside++;
        return true;
      } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return false;
  }

  leave(): void {
    this.#inside--;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #pause(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#interruption.stopped });
    } catch {
      // Stopped: the loop ends.
    }
  }
}
