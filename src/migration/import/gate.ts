import { setTimeout as sleep } from "node:timers/promises";
import type { Interruption } from "./interruption.ts";
import type { Pace } from "./pace.ts";

/** Lets requests through as the pace has it: so many at once, none during a pause. */
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

  /** @returns false where the import is to stop; the request must not begin then, nor `leave` */
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
      // Stopped: the loop sees it.
    }
  }
}
