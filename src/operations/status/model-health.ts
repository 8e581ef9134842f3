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
  /** Whether a model is asked at all. Default: true. */
  readonly isUsed?: boolean;
  /** Whether answers are quoted from the records while it fails; otherwise questions fail. Default: true. */
  readonly isReplaced?: boolean;
  /** Called once for each change between failing and answering. */
  readonly onChange?: (isFailing: boolean, sentence: string) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Figures of the section. Times are ISO 8601 in UTC. */
export interface ModelDetails {
  /** As answers name it: `ollama llama3.2`. */
  readonly generator: string;
  /** Who writes the answers now. `nobody`: questions fail. */
  readonly answers: "model" | "quotes" | "nobody";
  readonly lastAnswer: string | null;
  readonly lastFailure: { readonly time: string; readonly problem: string } | null;
  /** Until then it is not asked; null without a pause. */
  readonly pausedUntil: string | null;
}

interface Call {
  readonly at: number;
  readonly generator: string;
}

interface Failure extends Call {
  readonly problem: string;
  readonly pausedUntil: number;
}

/** How a call to the model ended. */
interface ModelCall {
  readonly generator: string;
  /** `ok`, or the code of the error; `circuit-open`: it was not asked. */
  readonly outcome: string;
  readonly problem?: string;
  /** Milliseconds for which it is not asked from now on. */
  readonly pauseMs?: number;
}

/** Whether the language model of this process answers, from the calls to it. */
export class ModelHealth {
  readonly #options: ModelHealthOptions;
  readonly #now: () => number;
  #isExpected: boolean;
  #lastAnswer: Call | undefined;
  #lastFailure: Failure | undefined;
  #failuresInRow = 0;
  #failingSince = 0;

  constructor(options: ModelHealthOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#isExpected = options.isExpected;
  }

  /** A call that was not made says nothing. */
  record({ generator, outcome, problem = outcome, pauseMs = 0 }: ModelCall): void {
    if (outcome === "circuit-open") return;
    const at = this.#now();
    const wasFailing = this.#isFailing;
    if (outcome === "ok") {
      // One that has answered is expected to go on.
      this.#isExpected = true;
      this.#failuresInRow = 0;
      this.#lastAnswer = { at, generator };
    } else {
      if (this.#failuresInRow++ === 0) this.#failingSince = at;
      this.#lastFailure = { at, generator, problem, pausedUntil: at + pauseMs };
    }
    if (wasFailing !== this.#isFailing && this.#isExpected)
      this.#options.onChange?.(this.#isFailing, this.#sentence(generator));
  }

  get #isFailing(): boolean {
    return this.#failuresInRow >= failuresOfFailing;
  }

  get #isReplaced(): boolean {
    return this.#options.isReplaced ?? true;
  }

  /** The call that ended last. */
  get #last(): Call | undefined {
    return this.#failuresInRow > 0 ? this.#lastFailure : this.#lastAnswer;
  }

  #sentence(generator: string): string {
    if (this.#failuresInRow === 0) return `${generator} answers`;
    if (!this.#isExpected) return "No language model answers here: answers are quoted from the records";
    const problem = this.#lastFailure?.problem.replace(/\.$/, "");
    if (!this.#isFailing) return `The model ${generator} failed once, and is asked again: ${problem}`;
    const effect = this.#isReplaced ? "answers are quoted from the records" : "questions fail";
    return `The model ${generator} fails, and ${effect}: ${problem}`;
  }

  section(): StatusSection {
    if (this.#options.isUsed === false) {
      const sentence = "No language model is used: answers are quoted from the records";
      return { condition: "good", sentence, time: isoTime(this.#now()), isStale: false, details: null };
    }
    const last = this.#last;
    if (last === undefined) {
      const sentence = "No model was asked for an answer yet";
      return { condition: "unknown", sentence, time: null, isStale: true, details: null };
    }
    const isFault = this.#isFailing && this.#isExpected;
    return {
      condition: isFault ? "warning" : "good",
      sentence: this.#sentence(last.generator),
      time: isoTime(last.at),
      isStale: false,
      ...(isFault && { since: new Date(this.#failingSince).toISOString() }),
      details: this.#details(last.generator),
    };
  }

  #details(generator: string): ModelDetails {
    const failure = this.#lastFailure;
    const isPaused = this.#failuresInRow > 0 && failure !== undefined && failure.pausedUntil > this.#now();
    return {
      generator,
      answers: this.#failuresInRow === 0 ? "model" : this.#isReplaced ? "quotes" : "nobody",
      lastAnswer: isoTime(this.#lastAnswer?.at),
      lastFailure: failure ? { time: new Date(failure.at).toISOString(), problem: failure.problem } : null,
      pausedUntil: isPaused ? isoTime(failure.pausedUntil) : null,
    };
  }

  /** Raises an alert after a minute of failures, until the model answers again. */
  get check(): Check {
    return {
      key: "model",
      run: () => {
        if (!this.#isFailing) return this.#last === undefined ? "unknown" : "good";
        if (!this.#isExpected || this.#now() - this.#failingSince < toleratedMs) return "unknown";
        const { generator } = this.#last as Call;
        return { key: "model", severity: "ticket", sentence: `${this.#sentence(generator)}.` };
      },
    };
  }
}
