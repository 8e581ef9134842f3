import type { Check } from "../watch/checks.ts";
import { isoTime } from "./iso-time.ts";
import type { StatusSection } from "./status.ts";

/** Failures in a row after which the model counts as failing, as for a store. */
const failuresOfFailing = 2;

/** Milliseconds for which it may fail without an alert. */
const toleratedMs = 60_000;

export interface ModelHealthOptions {
  /** Whether answers are to come from a model: if not, one that is down is no fault. */
  readonly isExpected: boolean;
  /** Called once for each change between failing and answering. */
  readonly onChange?: (isFailing: boolean, sentence: string) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

interface Last {
  readonly at: number;
  readonly generator: string;
  readonly problem: string | undefined;
}

/** Whether the language model of this process answers, from the calls to it. */
export class ModelHealth {
  readonly #options: ModelHealthOptions;
  readonly #now: () => number;
  #isExpected: boolean;
  #last: Last | undefined;
  #failuresInRow = 0;
  #failingSince = 0;

  constructor(options: ModelHealthOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#isExpected = options.isExpected;
  }

  /** @param outcome `ok`, or the code of the error; a call that was not made says nothing */
  record({ generator, outcome, problem }: { generator: string; outcome: string; problem?: string }): void {
    if (outcome === "circuit-open") return;
    const at = this.#now();
    const wasFailing = this.#isFailing;
    if (outcome === "ok") {
      // One that has answered is expected to go on.
      this.#isExpected = true;
      this.#failuresInRow = 0;
    } else if (this.#failuresInRow++ === 0) this.#failingSince = at;
    this.#last = { at, generator, problem: outcome === "ok" ? undefined : (problem ?? outcome) };
    if (wasFailing !== this.#isFailing && this.#isExpected)
      this.#options.onChange?.(this.#isFailing, this.#sentence(this.#last));
  }

  get #isFailing(): boolean {
    return this.#failuresInRow >= failuresOfFailing;
  }

  #sentence({ generator, problem }: Last): string {
    if (!this.#isFailing) return `${generator} answers`;
    return `The model ${generator} fails, and answers are quoted from the records: ${problem?.replace(/\.$/, "")}`;
  }

  section(): StatusSection {
    const last = this.#last;
    const base = { time: isoTime(last?.at), isStale: last === undefined, details: null };
    if (last === undefined) {
      return { ...base, condition: "unknown", sentence: "No model was asked for an answer yet" };
    }
    const isFault = this.#isFailing && this.#isExpected;
    return {
      ...base,
      condition: isFault ? "warning" : "good",
      sentence: this.#sentence(last),
      ...(isFault && { since: new Date(this.#failingSince).toISOString() }),
    };
  }

  /** Raises an alert after a minute of failures, until the model answers again. */
  get check(): Check {
    return {
      key: "model",
      run: () => {
        if (!this.#isFailing) return this.#last === undefined ? "unknown" : "good";
        if (!this.#isExpected || this.#now() - this.#failingSince < toleratedMs) return "unknown";
        return { key: "model", severity: "ticket", sentence: `${this.#sentence(this.#last as Last)}.` };
      },
    };
  }
}
