import { FallbackError, NotFoundError, RagfoodError } from "../../../foundation/errors.ts";
import { withFullStop } from "../../../foundation/full-stop.ts";
import { namespaceName } from "../../../foundation/namespace-name.ts";
import type { Match, StoreRecord } from "../../document.ts";
import type {
  CallOptions,
  FallbackOptions,
  RangeOptions,
  ReadOptions,
  StoreFallback,
  StoreInfo,
  StoreQuery,
  VectorStore,
} from "../../store.ts";
import { faultOwner } from "../fault-owner.ts";
import { ForwardingStore } from "../forwarding-store.ts";
import { CoolDown } from "./cool-down.ts";
import { withDeadline } from "./deadline.ts";

export interface FallbackStoreOptions {
  readonly primary: VectorStore;
  readonly secondary: VectorStore;
  /** Milliseconds that the primary has for a read, or for the first page of a range. */
  readonly deadlineMs: number;
  /** Milliseconds of the first pause of a dead primary; doubles up to 16 times that. Default 1,000. */
  readonly coolDownMs?: number;
  /** Called for each read that the secondary answered. */
  readonly onFallback?: (fallback: StoreFallback) => void;
}

const failuresAllowed = 2;

const defaultCoolDownMs = 1_000;

/** Why a read goes to the secondary: the primary's error, or its pause. */
interface PrimaryFault {
  readonly error: Error;
  readonly reason: string;
}

/**
 * Reads from the primary, or from the secondary if the primary fails or is too slow; `onFallback` reports it
 * (VEC-8, VEC-9). Writes go only to the primary: the secondary is filled on its own.
 *
 * A secondary that holds nothing of a namespace does not answer for it. After two failures in a row the primary is
 * paused for a moment; then one call tries it.
 */
export class FallbackStore extends ForwardingStore {
  readonly #secondary: VectorStore;
  readonly #deadlineMs: number;
  readonly #coolDown: CoolDown;
  readonly #onFallback: ((fallback: StoreFallback) => void) | undefined;
  #lastFault: Error | undefined;

  constructor(options: FallbackStoreOptions) {
    const { primary, secondary, deadlineMs, coolDownMs = defaultCoolDownMs } = options;
    super(primary);
    this.#secondary = secondary;
    this.#deadlineMs = deadlineMs;
    this.#onFallback = options.onFallback;
    this.#coolDown = new CoolDown({
      failuresAllowed,
      firstMs: coolDownMs,
      longestMs: 16 * coolDownMs,
    });
  }

  /** @throws {FallbackError} if the primary fails and the secondary cannot answer */
  override info(options: FallbackOptions = {}): Promise<StoreInfo> {
    return this.#read(options, (store, own) => store.info(own));
  }

  override listNamespaces(options: FallbackOptions = {}): Promise<string[]> {
    return this.#read(options, (store, own) => store.listNamespaces(own));
  }

  /** @throws {FallbackError} if the primary fails and the secondary cannot answer */
  override query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    return this.#read(options, (store, own) => store.query(query, own), options.namespace ?? "");
  }

  /** @throws {FallbackError} if the primary fails and the secondary cannot answer */
  override fetch(ids: readonly string[], options: ReadOptions = {}): Promise<(StoreRecord | undefined)[]> {
    return this.#read(options, (store, own) => store.fetch(ids, own), options.namespace ?? "");
  }

  /** All pages come from one store: after the first page, an error of the primary reaches the caller. */
  override async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { pages, first } = await this.#read(
      options,
      async (store, own) => {
        const opened = store.range(own);
        const page = await opened.next();
        // Closes the abandoned stream, so that the store can free its resources.
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
      const fallback = {
        store: this.#secondary.name,
        reason: outcome.reason,
        publicReason: `${this.name} failed.`,
      };
      this.#onFallback?.(fallback);
      options.onFallback?.(fallback);
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
  ): Promise<PrimaryFault | { readonly answer: T }> {
    if (this.#lastFault && !this.#coolDown.mayCall()) return this.#paused(this.#lastFault);
    try {
      const deadline = { service: this.name, deadlineMs: this.#deadlineMs, signal: options.signal };
      const answer = await withDeadline(deadline, (signal) => call(this.store, { ...options, signal }));
      this.#coolDown.succeeded();
      return { answer };
    } catch (error) {
      const owner = faultOwner(error);
      if (owner === "caller") this.#coolDown.abandoned();
      else if (owner !== "store") this.#coolDown.succeeded();
      if (owner !== "store") throw error;
      this.#coolDown.failed();
      this.#lastFault = error as Error;
      return {
        error: this.#lastFault,
        reason: `${this.name} failed: ${withFullStop(this.#lastFault.message)}`,
      };
    }
  }

  #paused(error: Error): PrimaryFault {
    return {
      error,
      reason: `${this.name} is left alone for a moment, because it failed: ${withFullStop(error.message)}`,
    };
  }

  /** An empty store would answer "nothing found" for one that is full. */
  async #requireFilled(namespace: string, { signal }: CallOptions): Promise<void> {
    const { namespaces } = await this.#secondary.info({ signal });
    if ((namespaces[namespace] ?? 0) !== 0) return;
    throw new NotFoundError(this.#secondary.name, `It holds nothing in ${namespaceName(namespace)}.`, {
      hint: "Fill it while the primary store answers, with: ragfood ingest",
    });
  }

  #bothFailed({ error, reason }: PrimaryFault, second: RagfoodError): FallbackError {
    const hint = second.hint ?? (error instanceof RagfoodError ? error.hint : undefined);
    return new FallbackError(
      `${reason} Nor can ${this.#secondary.name} answer in its place: ${second.message}`,
      { primary: error, secondary: second },
      hint === undefined ? {} : { hint },
    );
  }
}
