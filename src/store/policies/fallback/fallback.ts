import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from "cockatiel";
import { FallbackError, NotFoundError, RagfoodError } from "../../../foundation/errors.ts";
import type { Match, StoreRecord } from "../../document.ts";
import type {
  CallOptions,
  FallbackOptions,
  RangeOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
} from "../../store.ts";
import { faultOwner } from "../fault-owner.ts";
import { ForwardingStore } from "../forwarding-store.ts";
import { withDeadline } from "./deadline.ts";

export interface FallbackStoreOptions {
  readonly primary: VectorStore;
  readonly secondary: VectorStore;
  /** Milliseconds that the primary has for a read, or for the first page of a range. */
  readonly deadlineMs: number;
  /** Milliseconds that a dead primary is left alone at first; doubles up to 16 times that. Default 1,000. */
  readonly coolDownMs?: number;
}

/**
 * Reads that fail in a row before the primary is left alone. One may be chance; each more costs another
 * reader the whole deadline.
 */
const failuresAllowed = 2;

const defaultCoolDownMs = 1_000;

/** Why a read goes to the secondary: the primary's error, or that it is not asked for now. */
interface Refusal {
  readonly error: Error;
  readonly reason: string;
}

/**
 * Reads of the primary, answered by the secondary where the primary is at fault or too slow, told by
 * `onFallback` (VEC-8, VEC-9). Writes go to the primary alone: the secondary is filled on its own.
 *
 * A secondary that holds nothing of a namespace does not answer for it. Two or more failures in a row
 * leave the primary alone for a moment, after which one call tries it.
 */
export class FallbackStore extends ForwardingStore {
  readonly #secondary: VectorStore;
  readonly #deadlineMs: number;
  readonly #breaker: CircuitBreakerPolicy;
  #lastFault: Error | undefined;

  constructor(options: FallbackStoreOptions) {
    const { primary, secondary, deadlineMs, coolDownMs = defaultCoolDownMs } = options;
    super(primary);
    this.#secondary = secondary;
    this.#deadlineMs = deadlineMs;
    this.#breaker = circuitBreaker(
      handleWhen((error) => faultOwner(error) === "store"),
      {
        breaker: new ConsecutiveBreaker(failuresAllowed),
        halfOpenAfter: new ExponentialBackoff({ initialDelay: coolDownMs, maxDelay: 16 * coolDownMs }),
      },
    );
  }

  /** @throws {FallbackError} where the primary is at fault and the secondary cannot answer */
  override info(options: FallbackOptions = {}): Promise<StoreInfo> {
    return this.#read(options, (store, own) => store.info(own));
  }

  override listNamespaces(options: FallbackOptions = {}): Promise<string[]> {
    return this.#read(options, (store, own) => store.listNamespaces(own));
  }

  /** @throws {FallbackError} where the primary is at fault and the secondary cannot answer */
  override query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    return this.#read(options, (store, own) => store.query(query, own), options.namespace ?? "");
  }

  /** @throws {FallbackError} where the primary is at fault and the secondary cannot answer */
  override fetch(ids: readonly string[], options: ReadOptions = {}): Promise<(StoreRecord | undefined)[]> {
    return this.#read(options, (store, own) => store.fetch(ids, own), options.namespace ?? "");
  }

  /** All pages are of one store: past the first, a fault of the primary is the caller's to know. */
  override async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { pages, first } = await this.#read(
      options,
      async (store, own) => {
        const opened = store.range(own);
        const page = await opened.next();
        // Too late: nobody reads on, and what the store holds open for it is let go.
        if (own.signal?.aborted) await opened.return(undefined);
        return { pages: opened, first: page };
      },
      options.namespace ?? "",
    );
    try {
      for (let page = first; !page.done; page = await pages.next()) yield page.value;
    } finally {
      await pages.return(undefined);
    }
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#secondary.close()]);
  }

  async #read<O extends FallbackOptions, T>(
    options: O,
    call: (store: VectorStore, options: O) => Promise<T>,
    namespace?: string,
  ): Promise<T> {
    const outcome = await this.#askPrimary(options, call);
    if ("answer" in outcome) return outcome.answer;
    try {
      if (namespace !== undefined) await this.#requireFilled(namespace, options);
      const answer = await call(this.#secondary, options);
      options.onFallback?.({ store: this.#secondary.name, reason: outcome.reason });
      return answer;
    } catch (error) {
      const owner = faultOwner(error);
      if (owner === "caller" || owner === undefined) throw error;
      throw this.#bothFailed(outcome, error as RagfoodError);
    }
  }

  async #askPrimary<O extends CallOptions, T>(
    options: O,
    call: (store: VectorStore, options: O) => Promise<T>,
  ): Promise<Refusal | { readonly answer: T }> {
    // One call finds out whether it is back; the others need not wait for that one.
    if (this.#lastFault && this.#breaker.state === CircuitState.HalfOpen)
      return this.#leftAlone(this.#lastFault);
    try {
      const answer = await this.#breaker.execute(() =>
        withDeadline({ service: this.name, deadlineMs: this.#deadlineMs, signal: options.signal }, (signal) =>
          call(this.store, { ...options, signal }),
        ),
      );
      return { answer };
    } catch (error) {
      if (error instanceof BrokenCircuitError && this.#lastFault) return this.#leftAlone(this.#lastFault);
      if (faultOwner(error) !== "store") throw error;
      this.#lastFault = error as Error;
      return { error: this.#lastFault, reason: `${this.name} failed: ${sentence(this.#lastFault.message)}` };
    }
  }

  #leftAlone(error: Error): Refusal {
    return {
      error,
      reason: `${this.name} is left alone for a moment, because it failed: ${sentence(error.message)}`,
    };
  }

  /** An empty store would answer "nothing found" in the place of one that is full. */
  async #requireFilled(namespace: string, { signal }: CallOptions): Promise<void> {
    const { namespaces } = await this.#secondary.info(signal ? { signal } : {});
    if (Object.hasOwn(namespaces, namespace) && namespaces[namespace] !== 0) return;
    const named = namespace === "" ? "the default namespace" : `the namespace "${namespace}"`;
    throw new NotFoundError(this.#secondary.name, `It holds nothing in ${named}.`, {
      hint: "Fill it while the first store is there, with: ragfood ingest",
    });
  }

  #bothFailed({ error, reason }: Refusal, second: RagfoodError): FallbackError {
    const hint = second.hint ?? (error instanceof RagfoodError ? error.hint : undefined);
    return new FallbackError(
      `${reason} Nor can ${this.#secondary.name} answer in its place: ${second.message}`,
      { primary: error, secondary: second },
      hint === undefined ? {} : { hint },
    );
  }
}

/** A service's own words may lack the full stop. */
function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
