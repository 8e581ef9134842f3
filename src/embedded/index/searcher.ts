import type { IndexLimits, IndexSettings } from "../settings.ts";
import type { StoredRecord } from "../storage/record.ts";
import { SlotGoneError } from "../storage/slot-gone.ts";
import type { RecordParts, Storage } from "../storage/storage.ts";
import type { AnswerBudget } from "./answer-budget.ts";
import type { IndexingDelay } from "./indexing-delay.ts";
import type { Mirror } from "./mirror.ts";
import { Mirrors } from "./mirrors.ts";
import { ResumableQueries, type ResumableQuery } from "./resumable.ts";
import { type Search, type SearchRequest, search, searchNext } from "./search.ts";
import type { ScoredRow } from "./top-k.ts";
import { checkQueryVectors } from "./validation.ts";

export interface Hit {
  readonly score: number;
  readonly record: StoredRecord;
}

/** Attempts of a search that allows writes in between. */
const attemptsInSlices = 2;

/** Answers the queries of an index while this and other processes write. */
export class Searcher {
  readonly #storage: Storage;
  readonly #settings: IndexSettings;
  readonly #indexingDelay: IndexingDelay;
  readonly #mirrors: Mirrors;
  readonly #resumable: ResumableQueries;

  constructor(storage: Storage, settings: IndexSettings, limits: IndexLimits, indexingDelay: IndexingDelay) {
    this.#storage = storage;
    this.#settings = settings;
    this.#indexingDelay = indexingDelay;
    this.#mirrors = new Mirrors(storage, settings);
    this.#resumable = new ResumableQueries(limits.resumableQueries);
  }

  /** Saves the mirrors for the next start. */
  close(): void {
    this.#mirrors.close();
  }

  /** The best matches, best first; an empty list if the namespace does not exist. */
  async query(
    namespace: string,
    request: SearchRequest,
    parts: RecordParts,
    budget: AnswerBudget,
  ): Promise<Hit[]> {
    checkQueryVectors(this.#settings, request);
    return await this.#find(namespace, parts, budget, (mirror) => search(mirror, request));
  }

  /**
   * Searches, then reads the matches: in one snapshot, unless the search takes long. Then writes may happen. If one of them removed a match,
   * the search starts again; the last attempt runs without a pause.
   */
  async #find(
    namespace: string,
    parts: RecordParts,
    budget: AnswerBudget,
    searchMirror: (mirror: Mirror) => Search,
  ): Promise<Hit[]> {
    for (let attempt = 1; attempt <= attemptsInSlices; attempt++) {
      try {
        const started = this.#storage.snapshot(() => {
          const mirror = this.#mirrors.fresh(namespace, this.#indexingDelay.horizon());
          if (mirror === undefined) return [];
          const rows = searchMirror(mirror).inSlices();
          if (!(rows instanceof Promise)) return this.#readHits(mirror, rows, parts, budget);
          // Closing the snapshot may also throw; these rows are then not needed.
          rows.catch(() => {});
          return { mirror, rows };
        });
        if (Array.isArray(started)) return started;
        const rows = await started.rows;
        return this.#storage.snapshot(() => this.#readHits(started.mirror, rows, parts, budget));
      } catch (error) {
        if (!(error instanceof SlotGoneError)) throw error;
      }
    }
    return this.#storage.snapshot(() => {
      const mirror = this.#mirrors.fresh(namespace, this.#indexingDelay.horizon());
      return mirror === undefined ? [] : this.#readHits(mirror, searchMirror(mirror).atOnce(), parts, budget);
    });
  }

  /**
   * Starts a query that can be resumed, and returns its first `topK` matches.
   *
   * @param maxIdleMs milliseconds without a call until the query expires
   * @throws {RateLimitError} 429 if too many are active
   */
  async startResumable(
    namespace: string,
    request: SearchRequest,
    parts: RecordParts,
    maxIdleMs: number,
    budget: AnswerBudget,
  ): Promise<{ uuid: string; hits: Hit[] }> {
    checkQueryVectors(this.#settings, request);
    const query = this.#resumable.start({ namespace, request, parts }, maxIdleMs);
    try {
      return { uuid: query.uuid, hits: await this.#next(query, request.topK, budget) };
    } catch (error) {
      this.#resumable.end(query.uuid);
      throw error;
    }
  }

  /** The next matches of a resumable query; an empty list at its end. @throws {NotFoundError} 404 */
  async resume(uuid: string, additionalK: number, budget: AnswerBudget): Promise<Hit[]> {
    return await this.#next(this.#resumable.resume(uuid), additionalK, budget);
  }

  /** @throws {NotFoundError} 404 */
  endResumable(uuid: string): void {
    this.#resumable.end(uuid);
  }

  /** One page after the other, also for concurrent calls: each has to know the ids of the pages before. */
  #next(query: ResumableQuery, topK: number, budget: AnswerBudget): Promise<Hit[]> {
    const page = query.lastPage.then(() => this.#nextPage(query, topK, budget));
    query.lastPage = page.catch(() => {});
    return page;
  }

  async #nextPage(
    { namespace, request, parts, returnedIds }: ResumableQuery,
    topK: number,
    budget: AnswerBudget,
  ): Promise<Hit[]> {
    const hits = await this.#find(namespace, parts, budget, (mirror) => {
      const returnedSlots = [...returnedIds].flatMap(
        (id) => this.#storage.findSlot(mirror.namespace, id) ?? [],
      );
      return searchNext(mirror, { ...request, topK }, returnedSlots);
    });
    for (const { record } of hits) returnedIds.add(record.id);
    return hits;
  }

  #readHits(mirror: Mirror, rows: readonly ScoredRow[], parts: RecordParts, budget: AnswerBudget): Hit[] {
    const hits: Hit[] = [];
    const found = rows.map(({ row }) => ({ slot: mirror.slotOf(row), isCompared: mirror.keepsVectors(row) }));
    try {
      for (const record of this.#storage.readFound(found, parts)) {
        hits.push({ score: (rows[hits.length] as ScoredRow).score, record: budget.take(record) });
      }
    } catch (error) {
      // The search may start again.
      budget.giveBack(hits.map(({ record }) => record));
      throw error;
    }
    return hits;
  }
}
