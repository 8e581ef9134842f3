import { CancelledError, CircuitOpenError, InvalidRequestError, ServiceError } from "../foundation/errors.ts";
import type { GenerationRequest, Generator } from "../rag/generator.ts";
import { CoolDown } from "../store/policies/index.ts";

/** How a call to a language model ended. */
export interface ModelReport {
  /** As the answer names it: `ollama llama3.2`. */
  readonly generator: string;
  /** `ok`, or the code of the error; `circuit-open`: it was not asked. */
  readonly outcome: string;
  /** For people, without a hint. */
  readonly problem?: string;
  /** Milliseconds for which it is not asked from now on; absent without a pause. */
  readonly pauseMs?: number;
}

/** Milliseconds of the first pause of a model server that fails; doubles up to the longest. */
const pauseMs = { firstMs: 5_000, longestMs: 60_000 } as const;

/**
 * A model whose calls are reported, and which is paused after two failures in a row, as stores are: the next question
 * does not wait for a server that hangs.
 */
export class WatchedGenerator implements Generator {
  readonly isModel = true;
  readonly #generator: Generator;
  readonly #onModel: ((report: ModelReport) => void) | undefined;
  readonly #coolDown: CoolDown;
  #lastProblem = "";

  /** @param now milliseconds of a monotonic clock */
  constructor(
    generator: Generator,
    onModel: ((report: ModelReport) => void) | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#generator = generator;
    this.#onModel = onModel;
    this.#coolDown = new CoolDown({ failuresAllowed: 2, ...pauseMs, now });
  }

  get name(): string {
    return this.#generator.name;
  }

  async *generate(request: GenerationRequest): AsyncGenerator<string> {
    if (!this.#coolDown.mayCall()) {
      this.#report("circuit-open");
      throw new CircuitOpenError(
        "model",
        `${this.name} failed again and again, and is not asked for a moment. Last failure: ${this.#lastProblem}`,
      );
    }
    // A reader that leaves early says nothing about the model.
    let settle = () => this.#coolDown.abandoned();
    try {
      yield* this.#generator.generate(request);
      settle = () => this.#coolDown.succeeded();
      this.#report("ok");
    } catch (error) {
      if (error instanceof InvalidRequestError) settle = () => this.#coolDown.succeeded();
      else if (error instanceof ServiceError && !(error instanceof CancelledError)) {
        settle = () => {};
        this.#coolDown.failed();
        this.#lastProblem = error.message;
        this.#report(error.code, error.message);
      }
      throw error;
    } finally {
      settle();
    }
  }

  #report(outcome: string, problem?: string): void {
    const pauseMs = this.#coolDown.pauseLeftMs;
    this.#onModel?.({
      generator: this.name,
      outcome,
      ...(problem !== undefined && { problem, ...(pauseMs > 0 && { pauseMs }) }),
    });
  }
}
