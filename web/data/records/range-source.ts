import type { MetadataPredicate } from "../../../src/embedded/filter/index.ts";
import type { IndexApi } from "../api/index-api.ts";
import { type Includes, type IndexRecord, includeFlags } from "../api/records.ts";
import { PageCache, pageSize } from "./page-cache.ts";
import { plainNumbers } from "./plain-numbers.ts";
import { type Row, type RowSource, toRow } from "./row-source.ts";

export interface RangeSourceOptions {
  readonly api: IndexApi;
  readonly namespace: string;
  readonly include: Includes;
  /** Only ids that begin like this. */
  readonly prefix?: string;
  /** Only records whose metadata meets it. `range` takes no filter, so each record is read. */
  readonly filter?: MetadataPredicate;
  /** How many rows there should be; `undefined` if only reading them all can tell. */
  readonly expectedCount?: number;
  /** Called with records as they are read. */
  readonly onRecords?: (records: readonly IndexRecord[]) => void;
}

interface Page {
  readonly nextCursor: string;
  readonly vectors: readonly IndexRecord[];
}

/** A place between two records: behind a cursor, and so many records further. */
interface Position {
  readonly cursor: string;
  readonly skip: number;
}

/** The most records that `range` returns at once. */
const longestRange = 1_000;
/** Characters that one answer should have; the limit of a request follows the size of the records. */
const answerSize = 2_000_000;

/**
 * The records of a namespace in the order of their insertion. `range` only goes forward: this keeps the position of
 * every hundredth row it has passed, so that it can return to any of them, and goes to a distant row by ids alone,
 * 1,000 a request. Rows are kept for about 4,000 places; a million rows need 10,000 positions.
 */
export class RangeSource implements RowSource {
  readonly #options: RangeSourceOptions;
  readonly #controller: AbortController = new AbortController();
  readonly #listeners: Set<() => void> = new Set();
  readonly #cache: PageCache<Row> = new PageCache();
  /** Where each page begins, as far as they are known. */
  readonly #starts: Position[] = [{ cursor: "", skip: 0 }];
  /** The furthest place that was reached: the next row and the cursor before it. */
  #frontier: { row: number; cursor: string } = { row: 0, cursor: "" };
  #scanned = 0;
  #hasEnded = false;
  #isRunning = false;
  #isStopped = false;
  #isFinishing = false;
  #isPassing = false;
  #wanted: { first: number; last: number } = { first: 0, last: -1 };
  #charactersPerRecord = 1_000;
  error: Error | undefined;

  constructor(options: RangeSourceOptions) {
    this.#options = options;
  }

  get count(): number {
    const { expectedCount = 0 } = this.#options;
    if (this.#hasEnded) return this.#frontier.row;
    return Math.max(this.#options.filter ? 0 : expectedCount, this.#frontier.row);
  }

  get isCountExact(): boolean {
    return this.#hasEnded;
  }

  get isLoading(): boolean {
    return this.#isRunning;
  }

  get scanned(): number | undefined {
    return this.#options.filter && this.#scanned;
  }

  get passed(): number | undefined {
    return this.#isPassing ? this.#frontier.row : undefined;
  }

  row(place: number): Row | undefined {
    return this.#cache.get(Math.floor(place / pageSize))?.[place % pageSize];
  }

  want(first: number, last: number): void {
    this.#wanted = { first, last };
    if (this.error === undefined) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#isFinishing = false;
  }

  finish(): void {
    this.#isFinishing = true;
    this.resume();
  }

  resume(): void {
    this.#isStopped = false;
    this.error = undefined;
    void this.#run();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#controller.abort();
    this.#listeners.clear();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Loads what is wanted, one request after the other; after each it looks at what is wanted now. */
  async #run(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return;
    let step = this.#nextStep();
    if (step === undefined) return;
    this.#isRunning = true;
    this.#notify();
    try {
      for (; step !== undefined && !this.#isStopped; step = this.#nextStep()) {
        await step();
        this.#notify();
      }
    } catch (error) {
      if (!this.#controller.signal.aborted) this.error = error as Error;
    } finally {
      this.#isRunning = false;
      this.#isPassing = false;
      this.#notify();
    }
  }

  #nextStep(): (() => Promise<void>) | undefined {
    if (this.#controller.signal.aborted) return undefined;
    const { first, last } = this.#wanted;
    const frontierPage = Math.floor(this.#frontier.row / pageSize);
    for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page++) {
      const isBeyondEnd = this.#hasEnded && page * pageSize >= this.#frontier.row;
      if (isBeyondEnd || this.#cache.isWhole(page)) continue;
      this.#isPassing = !this.#hasEnded && !this.#options.filter && page > frontierPage;
      if (this.#isPassing) return () => this.#pass(page);
      if (this.#hasEnded || page < frontierPage) return () => this.#reload(page);
      // The frontier may be inside a page whose first rows were passed by ids alone.
      const rowsBefore = this.#cache.get(frontierPage)?.length ?? 0;
      const isJoined = rowsBefore === this.#frontier.row % pageSize;
      return isJoined ? () => this.#advance(page) : () => this.#reload(frontierPage);
    }
    return this.#isFinishing && !this.#hasEnded ? () => this.#advance(frontierPage) : undefined;
  }

  async #range(cursor: string, limit: number, include: Includes | undefined): Promise<Page> {
    const { api, namespace, prefix } = this.#options;
    const body = {
      cursor,
      limit,
      ...(prefix && { prefix }),
      ...(include && includeFlags(include)),
    };
    const { signal } = this.#controller;
    const { result, size } = await api.measure<Page>("range", body, { namespace, signal });
    if (include && result.vectors.length > 0) this.#charactersPerRecord = size / result.vectors.length;
    return result;
  }

  /** Goes on towards a distant page by ids alone. */
  async #pass(target: number): Promise<void> {
    const { row, cursor } = this.#frontier;
    const limit = Math.min(longestRange, target * pageSize - row);
    const { nextCursor, vectors } = await this.#range(cursor, limit, undefined);
    this.#reach(
      cursor,
      nextCursor,
      vectors.map((_, place) => place),
      vectors.length,
    );
  }

  /** Reads on at the frontier and keeps the rows. */
  async #advance(page: number): Promise<void> {
    const { filter, onRecords } = this.#options;
    const { row, cursor } = this.#frontier;
    const limit = filter
      ? this.#comfortableLimit()
      : Math.min(this.#comfortableLimit(), (page + 1) * pageSize - row);
    const { nextCursor, vectors } = await this.#range(cursor, limit, this.#include());
    onRecords?.(vectors);
    const places = this.#matchingPlaces(vectors);
    places.forEach((place, count) => {
      const number = row + count;
      this.#cache.append(Math.floor(number / pageSize), toRow(vectors[place] as IndexRecord));
    });
    this.#reach(cursor, nextCursor, places, vectors.length);
    this.#cache.trim(this.#isInUse);
  }

  /** Reads a page again that was dropped, or that was passed by ids alone. */
  async #reload(page: number): Promise<void> {
    const size = Math.min(pageSize, this.#frontier.row - page * pageSize);
    let { cursor, skip } = this.#starts[page] as Position;
    if (skip > 0) {
      cursor = (await this.#range(cursor, skip, undefined)).nextCursor;
      this.#starts[page] = { cursor, skip: 0 };
      skip = 0;
    }
    const rows: Row[] = [];
    while (rows.length < size) {
      const wanted = this.#options.filter ? longestRange : size - rows.length;
      const answer = await this.#range(cursor, Math.min(this.#comfortableLimit(), wanted), this.#include());
      for (const place of this.#matchingPlaces(answer.vectors)) {
        if (rows.length < size) rows.push(toRow(answer.vectors[place] as IndexRecord));
      }
      cursor = answer.nextCursor;
      // Records were deleted since the page was passed.
      if (cursor === "") break;
    }
    const isLast = this.#hasEnded && (page + 1) * pageSize >= this.#frontier.row;
    this.#cache.set(page, rows, size === pageSize || isLast);
    this.#cache.trim(this.#isInUse);
  }

  readonly #isInUse = (page: number): boolean => {
    const pageOf = (row: number) => Math.floor(row / pageSize);
    const { first, last } = this.#wanted;
    return page === pageOf(this.#frontier.row) || (page >= pageOf(first) && page <= pageOf(last));
  };

  /** Moves the frontier over an answer, and keeps the places where pages begin. */
  #reach(cursor: string, nextCursor: string, matching: readonly number[], read: number): void {
    const { row } = this.#frontier;
    matching.forEach((place, count) => {
      if ((row + count) % pageSize === 0) this.#starts[(row + count) / pageSize] ??= { cursor, skip: place };
    });
    const next = row + matching.length;
    if (next % pageSize === 0) this.#starts[next / pageSize] ??= { cursor: nextCursor, skip: 0 };
    this.#frontier = { row: next, cursor: nextCursor };
    this.#scanned += read;
    if (nextCursor === "") this.#hasEnded = true;
  }

  #matchingPlaces(records: readonly IndexRecord[]): number[] {
    const { filter } = this.#options;
    const places = records.map((_, place) => place);
    return filter ? places.filter((place) => filter(plainNumbers(records[place]?.metadata))) : places;
  }

  #include(): Includes {
    const { include, filter } = this.#options;
    return filter ? { ...include, metadata: true } : include;
  }

  #comfortableLimit(): number {
    return Math.max(1, Math.min(longestRange, Math.floor(answerSize / this.#charactersPerRecord)));
  }
}
