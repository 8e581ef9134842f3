import { type TimeoutPolicy, TimeoutStrategy, timeout } from "cockatiel";
import { CancelledError, TimeoutError } from "../foundation/errors.ts";
import { networkError } from "../foundation/network-fault.ts";
import { readAnswer } from "./answer.ts";
import type { Token } from "./credentials.ts";
import type { Fetch } from "./proxy.ts";

export interface AttemptSenderOptions {
  /** Without a slash at its end. */
  readonly base: string;
  /** Milliseconds for one attempt, including its answer. */
  readonly timeoutMs: number;
  readonly maximumAnswerBytes: number;
  readonly fetch: Fetch;
}

export interface Attempt {
  /** Encoded path below the base URL. */
  readonly path: string;
  readonly endpoint: string;
  /** JSON. */
  readonly body: string;
  readonly token: Token;
  /** Its abort reason is the error that the attempt fails with. */
  readonly signal: AbortSignal;
  /** Called with the status as soon as it arrives. */
  readonly onStatus: (status: number) => void;
  /** Called with the bytes of the answer as they arrive, without compression. */
  readonly onBytes: (bytes: number) => void;
}

/** Makes one HTTP request and turns every failure into a typed error. */
export class AttemptSender {
  readonly #options: AttemptSenderOptions;
  readonly #timeout: TimeoutPolicy;

  constructor(options: AttemptSenderOptions) {
    this.#options = options;
    this.#timeout = timeout(options.timeoutMs, TimeoutStrategy.Cooperative);
  }

  /** @throws {ServiceError} @throws {CancelledError} */
  async send(attempt: Attempt): Promise<unknown> {
    let ownSignal: AbortSignal | undefined;
    try {
      return await this.#timeout.execute(({ signal }) => {
        ownSignal = signal;
        return this.#exchange(attempt, signal);
      }, attempt.signal);
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      if (isAbort(error) && ownSignal?.aborted) throw this.#timeoutError(attempt.endpoint, error);
      const { base } = this.#options;
      const { endpoint } = attempt;
      throw networkError("upstash", base, "UPSTASH_VECTOR_REST_URL", error, { endpoint }) ?? error;
    }
  }

  async #exchange(attempt: Attempt, signal: AbortSignal): Promise<unknown> {
    const { base, maximumAnswerBytes, fetch } = this.#options;
    const { path, endpoint, body, token, onStatus, onBytes } = attempt;
    const response = await fetch(`${base}/${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "application/json" },
      body,
      redirect: "manual",
      signal,
    });
    onStatus(response.status);
    return await readAnswer(response, { endpoint, token, maximumBytes: maximumAnswerBytes, onBytes });
  }

  #timeoutError(endpoint: string, cause: unknown): TimeoutError {
    return new TimeoutError(
      "upstash",
      `Upstash Vector gave no answer to /${endpoint} within ${this.#options.timeoutMs} ms.`,
      { endpoint, cause, hint: "Check the network, or raise REQUEST_TIMEOUT_MS." },
    );
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError" && !(error instanceof CancelledError);
}
