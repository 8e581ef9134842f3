import { RagfoodError } from "../../foundation/errors.ts";
import { inSpan, noSpans, type StartSpan } from "../../foundation/spans.ts";
import type { Document, Match, StoreRecord } from "../document.ts";
import type {
  CallOptions,
  DeleteTarget,
  DocumentChange,
  FallbackOptions,
  RangeOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../store.ts";
import { ForwardingStore } from "./forwarding-store.ts";

export type StoreOperation = Exclude<keyof VectorStore, "name" | "fileId" | "close">;

/** The report of one call: never ids, texts, metadata or filters. */
export interface OperationReport {
  readonly store: string;
  readonly operation: StoreOperation;
  readonly milliseconds: number;
  /** `ok`; the error's `code`; `unforeseen` for an error of another kind; `abandoned`: a range not read to its end. */
  readonly outcome: string;
  /** Records written, found, or deleted; namespaces listed; 0 if the call failed before it had any. */
  readonly items: number;
}

export interface ObservedStoreOptions {
  readonly store: VectorStore;
  /** Called once a call, when it is over. What it throws is not caught: it must not throw. */
  readonly onOperation: (report: OperationReport) => void;
  /** Traces each call; a range is not traced. Default: no traces. */
  readonly startSpan?: StartSpan;
}

/**
 * Reports each call to a store. A range is one call: its time is that spent in the store, without what
 * the reader does between pages.
 */
export class ObservedStore extends ForwardingStore {
  readonly #onOperation: (report: OperationReport) => void;

  readonly #startSpan: StartSpan;

  constructor({ store, onOperation, startSpan = noSpans }: ObservedStoreOptions) {
    super(store);
    this.#onOperation = onOperation;
    this.#startSpan = startSpan;
  }

  async #observe<T>(
    operation: StoreOperation,
    call: () => Promise<T>,
    countOf: (result: T) => number,
  ): Promise<T> {
    const started = performance.now();
    let outcome = "ok";
    let items = 0;
    const span = this.#startSpan(`store ${operation}`, {
      "db.operation.name": operation,
      "ragfood.store": this.name,
    });
    try {
      const result = await inSpan(span, call);
      items = countOf(result);
      return result;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      this.#report(operation, performance.now() - started, outcome, items);
    }
  }

  #report(operation: StoreOperation, milliseconds: number, outcome: string, items: number): void {
    this.#onOperation({ store: this.name, operation, milliseconds, outcome, items });
  }

  override info(options?: FallbackOptions): Promise<StoreInfo> {
    return this.#observe(
      "info",
      () => super.info(options),
      () => 1,
    );
  }

  override upsert(documents: readonly Document[], options?: WriteOptions): Promise<void> {
    return this.#observe(
      "upsert",
      () => super.upsert(documents, options),
      () => documents.length,
    );
  }

  override upsertRecords(records: readonly StoreRecord[], options?: WriteOptions): Promise<void> {
    return this.#observe(
      "upsertRecords",
      () => super.upsertRecords(records, options),
      () => records.length,
    );
  }

  override query(query: StoreQuery, options?: ReadOptions): Promise<Match[]> {
    return this.#observe("query", () => super.query(query, options), lengthOf);
  }

  override fetch(ids: readonly string[], options?: ReadOptions): Promise<(StoreRecord | undefined)[]> {
    return this.#observe(
      "fetch",
      () => super.fetch(ids, options),
      (records) => records.filter((record) => record !== undefined).length,
    );
  }

  override async *range(options?: RangeOptions): AsyncGenerator<StoreRecord[]> {
    const pages = super.range(options);
    let outcome = "abandoned";
    let milliseconds = 0;
    let items = 0;
    try {
      for (;;) {
        const started = performance.now();
        const page = await pages.next().finally(() => {
          milliseconds += performance.now() - started;
        });
        if (page.done) break;
        items += page.value.length;
        yield page.value;
      }
      outcome = "ok";
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      await pages.return(undefined);
      this.#report("range", milliseconds, outcome, items);
    }
  }

  override delete(target: DeleteTarget, options?: WriteOptions): Promise<number> {
    return this.#observe(
      "delete",
      () => super.delete(target, options),
      (count) => count,
    );
  }

  override update(change: DocumentChange, options?: WriteOptions): Promise<boolean> {
    return this.#observe("update", () => super.update(change, options), Number);
  }

  override reset(options?: WriteOptions): Promise<void> {
    return this.#observe(
      "reset",
      () => super.reset(options),
      () => 1,
    );
  }

  override listNamespaces(options?: FallbackOptions): Promise<string[]> {
    return this.#observe("listNamespaces", () => super.listNamespaces(options), lengthOf);
  }

  override deleteNamespace(namespace: string, options?: CallOptions): Promise<void> {
    return this.#observe(
      "deleteNamespace",
      () => super.deleteNamespace(namespace, options),
      () => 1,
    );
  }
}

function lengthOf(results: readonly unknown[]): number {
  return results.length;
}

function outcomeOf(error: unknown): string {
  return error instanceof RagfoodError ? error.code : "unforeseen";
}
