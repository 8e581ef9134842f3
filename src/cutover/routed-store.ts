import { RagfoodError } from "../foundation/errors.ts";
import { withFullStop } from "../foundation/full-stop.ts";
import type { Side } from "../state/cutover/rows.ts";
import type { Document, Match, StoreRecord } from "../store/document.ts";
import { withDeadline } from "../store/policies/fallback/deadline.ts";
import { faultOwner } from "../store/policies/fault-owner.ts";
import type {
  DeleteTarget,
  DocumentChange,
  FallbackOptions,
  RangeOptions,
  ReadOptions,
  StoreFallback,
  StoreInfo,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../store/store.ts";
import { canaryPlace } from "./canary.ts";
import type { Operation } from "./operation.ts";
import { otherSide } from "./parts.ts";
import { chooseStore, type ReadChoice, readableChoices } from "./reads.ts";
import { RoutedWrites, type Written } from "./routed-writes.ts";
import type { CutoverRuntime } from "./runtime.ts";
import { type ShadowOptions, ShadowReads } from "./shadow.ts";
import { StoreHealth } from "./store-health.ts";

/** One read of a user, or a probe of a store whose reads are paused, without what was asked. */
export interface ReadReport {
  readonly side: Side;
  readonly store: string;
  readonly milliseconds: number;
  /** The error's `code`, or `ok`; `diverted` if the store was not asked, because its reads are paused. */
  readonly outcome: string;
  readonly isStale: boolean;
}

export interface RoutedStoreOptions {
  readonly runtime: CutoverRuntime;
  /** Both stores, for reads. */
  readonly stores: Readonly<Record<Side, VectorStore>>;
  /** Milliseconds that a store has for a read before the other one is asked. */
  readonly readTimeoutMs: number;
  readonly shadow?: ShadowOptions;
  readonly onRead?: (report: ReadReport) => void;
  /** Called for each read that the other store answered. */
  readonly onFallback?: (fallback: StoreFallback) => void;
  /** Writes what an earlier queue still holds, before any other write; tried again if it throws. */
  readonly carryOver?: (store: VectorStore) => Promise<void>;
  /** Closes what belongs to this store besides the two stores. */
  readonly close?: () => Promise<void>;
}

function readHealth(): StoreHealth {
  return new StoreHealth({ failuresAllowed: 2, concurrency: 4, probeEveryMs: 100 });
}

/** A read that is no question goes to the leading store. */
const noQuestion = 100;

/**
 * Two stores as one, in the stages of a cutover (docs/cutover.md): writes go to the leading store and are copied to
 * the other one; the stage decides which store reads go to; if it fails, they go to the other one, if that is fresh enough.
 */
export class RoutedStore implements VectorStore {
  readonly runtime: CutoverRuntime;
  readonly #options: RoutedStoreOptions;
  readonly #writes: RoutedWrites;
  readonly #shadow: ShadowReads | undefined;
  readonly #health: Readonly<Record<Side, StoreHealth>> = { source: readHealth(), target: readHealth() };
  #carried: Promise<void> | undefined;

  constructor(options: RoutedStoreOptions) {
    this.runtime = options.runtime;
    this.#options = options;
    this.#writes = new RoutedWrites({ runtime: options.runtime, readers: options.stores });
    this.#shadow = options.shadow && new ShadowReads(options.shadow);
  }

  /** Both stores, for reads that compare them. */
  get stores(): Readonly<Record<Side, VectorStore>> {
    return this.#options.stores;
  }

  /** The name of the store that reads go to at present; a rollback moves them before the leader. */
  get name(): string {
    const { parts, presence } = this.runtime;
    const { view } = presence;
    const request = { canaryPlace: noQuestion, now: parts.clock() };
    const [first] = view ? readableChoices(parts.protocol, view, request) : [];
    return this.#options.stores[first?.side ?? "source"].name;
  }

  info(options: FallbackOptions = {}): Promise<StoreInfo> {
    return this.#read(options, noQuestion, (store, own) => store.info(own));
  }

  listNamespaces(options: FallbackOptions = {}): Promise<string[]> {
    return this.#read(options, noQuestion, (store, own) => store.listNamespaces(own));
  }

  async query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    const started = performance.now();
    let served: Side | undefined;
    const matches = await this.#read(
      options,
      canaryPlace(query),
      (store, own) => store.query(query, own),
      (side) => {
        served = side;
      },
    );
    if (served) this.#offerShadow(query, options, served, matches, performance.now() - started);
    return matches;
  }

  #offerShadow(
    query: StoreQuery,
    { namespace, includeVectors }: ReadOptions,
    served: Side,
    matches: readonly Match[],
    milliseconds: number,
  ): void {
    const stage = this.runtime.presence.view?.control.stage;
    if (stage !== "shadow-read" && stage !== "canary" && stage !== "target") return;
    const store = this.#options.stores[otherSide(served)];
    const deadline = { service: store.name, deadlineMs: this.#options.readTimeoutMs };
    const about = { matches, servedMs: milliseconds, namespace: namespace ?? "" };
    this.#shadow?.offer(about, () =>
      withDeadline(deadline, (signal) =>
        store.query(query, {
          signal,
          ...(namespace !== undefined && { namespace }),
          ...(includeVectors !== undefined && { includeVectors }),
        }),
      ),
    );
  }

  fetch(ids: readonly string[], options: ReadOptions = {}): Promise<(StoreRecord | undefined)[]> {
    return this.#read(options, noQuestion, (store, own) => store.fetch(ids, own));
  }

  /** All pages come from one store: after the first page, its errors reach the caller. */
  async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { pages, first } = await this.#read(options, noQuestion, async (store, own) => {
      const opened = store.range(own);
      const page = await opened.next();
      if (own.signal?.aborted) await opened.return(undefined);
      return { pages: opened, first: page };
    });
    try {
      for (let page = first; !page.done; page = await pages.next()) yield page.value;
    } finally {
      await pages.return(undefined);
    }
  }

  async upsert(documents: readonly Document[], options: WriteOptions = {}): Promise<void> {
    const operations = documents.map((document) => ({ kind: "document" as const, document }));
    await this.#write(options.namespace ?? "", operations, options);
  }

  async upsertRecords(records: readonly StoreRecord[], options: WriteOptions = {}): Promise<void> {
    const operations = records.map((record) => ({ kind: "record" as const, record }));
    await this.#write(options.namespace ?? "", operations, options);
  }

  async delete(target: DeleteTarget, options: WriteOptions = {}): Promise<number> {
    const namespace = options.namespace ?? "";
    const ids = await this.#writes.resolve(target, namespace, options);
    return this.#deleteIds(ids, namespace, options);
  }

  async update(change: DocumentChange, options: WriteOptions = {}): Promise<boolean> {
    const operations = [{ kind: "change" as const, change }];
    const { count, queued } = await this.#write(options.namespace ?? "", operations, options);
    // Whether a queued one finds its record is not known yet.
    return count + queued > 0;
  }

  /** Deletes what either store or a waiting write holds; of many records, in the background. */
  async reset(options: WriteOptions = {}): Promise<void> {
    await this.#carryOver();
    await this.#writes.reset(options.namespace ?? "", options);
  }

  /** Empties the namespace: its name stays until the cutover is finished. */
  async deleteNamespace(namespace: string, options: Omit<WriteOptions, "namespace"> = {}): Promise<void> {
    await this.reset({ ...options, namespace });
  }

  async #deleteIds(ids: readonly string[], namespace: string, options: WriteOptions): Promise<number> {
    const operations = ids.map((id) => ({ kind: "delete" as const, id }));
    return (await this.#write(namespace, operations, options)).count;
  }

  async #write(namespace: string, operations: readonly Operation[], options: WriteOptions): Promise<Written> {
    await this.#carryOver();
    return this.#writes.write(namespace, operations, options);
  }

  /** Earlier writes come first. */
  async #carryOver(): Promise<void> {
    const { carryOver, ...options } = this.#options;
    if (carryOver === undefined) return;
    this.#carried ??= carryOver(new RoutedStore(options));
    try {
      await this.#carried;
    } catch (error) {
      this.#carried = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#shadow?.settled();
    await Promise.all(Object.values(this.#health).map((health) => health.settled()));
    await this.runtime.close();
    await Promise.all(Object.values(this.#options.stores).map((store) => store.close()));
    await this.#options.close?.();
  }

  async #choose(place: number, after: number | undefined): Promise<ReadChoice> {
    const { parts, presence } = this.runtime;
    let view = await this.runtime.view();
    // A write that this process does not know yet.
    if (after !== undefined && view.lastSequence < after) view = await presence.look();
    return chooseStore(parts.protocol, view, { canaryPlace: place, after, now: parts.clock() });
  }

  async #read<O extends ReadOptions, T>(
    options: O,
    place: number,
    call: (store: VectorStore, options: O) => Promise<T>,
    onSide?: (side: Side) => void,
  ): Promise<T> {
    const choice = await this.#choose(place, options.after);
    const other = this.#otherChoice(choice, options.after);
    let fault = other && this.#health[choice.side].pausedBy;
    if (fault) this.#probe(choice, options, call);
    else {
      try {
        const answer = await this.#readFrom(choice, options, call);
        this.#served(choice, options);
        onSide?.(choice.side);
        return answer;
      } catch (error) {
        if (!isFaultOf(choice.side, error)) throw error;
        fault = error as Error;
      }
    }
    if (other === undefined) throw fault;
    let answer: T;
    try {
      answer = await this.#readFrom(other, options, call);
    } catch {
      throw fault;
    }
    const { stores } = this.#options;
    const fallback: StoreFallback = {
      store: stores[other.side].name,
      reason: `${stores[choice.side].name} failed: ${withFullStop(fault.message)}`,
      publicReason: `${stores[choice.side].name} failed.`,
      isKeptInStep: true,
    };
    this.#served(other, options);
    options.onFallback?.(fallback);
    this.#options.onFallback?.(fallback);
    onSide?.(other.side);
    return answer;
  }

  /** Asks a store whose reads are paused, off the user's path; most reads only count as ones that it missed. */
  #probe<O extends ReadOptions, T>(
    choice: ReadChoice,
    options: O,
    call: (store: VectorStore, options: O) => Promise<T>,
  ): void {
    const { signal: _, onServed: __, onFallback: ___, ...own } = options;
    const { side, isStale } = choice;
    if (this.#health[side].offerProbe(() => this.#readFrom(choice, own as O, call))) return;
    const store = this.#options.stores[side].name;
    this.#options.onRead?.({ side, store, milliseconds: 0, outcome: "diverted", isStale });
  }

  /** The other store, if it may be read at all. */
  #otherChoice({ side }: ReadChoice, after: number | undefined): ReadChoice | undefined {
    const { parts, presence } = this.runtime;
    const view = presence.view;
    if (view === undefined) return undefined;
    return readableChoices(parts.protocol, view, { canaryPlace: noQuestion, after, now: parts.clock() }).find(
      (choice) => choice.side !== side,
    );
  }

  async #readFrom<O extends ReadOptions, T>(
    { side, isStale }: ReadChoice,
    options: O,
    call: (store: VectorStore, options: O) => Promise<T>,
  ): Promise<T> {
    const store = this.#options.stores[side];
    const started = performance.now();
    let outcome = "ok";
    try {
      const answer = await withDeadline(
        { service: store.name, deadlineMs: this.#options.readTimeoutMs, signal: options.signal },
        (signal) => call(store, { ...options, signal }),
      );
      this.#health[side].succeeded();
      return answer;
    } catch (error) {
      outcome = error instanceof RagfoodError ? error.code : "unforeseen";
      if (isFaultOf(side, error)) this.#health[side].failed(error as Error);
      else if (faultOwner(error) !== "caller") this.#health[side].succeeded();
      throw error;
    } finally {
      const milliseconds = performance.now() - started;
      this.#options.onRead?.({ side, store: store.name, milliseconds, outcome, isStale });
    }
  }

  #served(choice: ReadChoice, { onServed, onFallback }: ReadOptions): void {
    const { name } = this.#options.stores[choice.side];
    onServed?.({ store: name, isStale: choice.isStale, ageMs: choice.ageMs });
    const reason = this.#limitsOf(choice);
    if (reason !== undefined) onFallback?.({ store: name, reason, isKeptInStep: true });
  }

  /** What a person has to know about the answers of a store at present. */
  #limitsOf({ side, isStale, ageMs }: ReadChoice): string | undefined {
    const lost = this.runtime.presence.view?.control.lost;
    const reasons: string[] = [];
    if (lost) reasons.push(`${this.#options.stores[lost].name} has lost its records.`);
    if (isStale && side !== lost) {
      reasons.push(`The answer may lack writes of the last ${Math.ceil(ageMs / 1_000)} seconds.`);
    }
    return reasons.length === 0 ? undefined : reasons.join(" ");
  }
}

/** Whether the other store may do better. Of the target a user never sees wrong settings either: the source is there. */
function isFaultOf(side: Side, error: unknown): boolean {
  const owner = faultOwner(error);
  return owner === "store" || (owner === "settings" && side === "target");
}
