import { randomUUID } from "node:crypto";
import { NotFoundError, RateLimitError } from "../../foundation/errors.ts";
import type { RecordParts } from "../storage/storage.ts";
import type { SearchRequest } from "./search.ts";

/** A query that can continue: the request, and the records that it has returned. */
export interface ResumableQuery {
  readonly uuid: string;
  readonly namespace: string;
  readonly request: SearchRequest;
  readonly parts: RecordParts;
  readonly returnedIds: Set<string>;
  /** Settles when the last requested page is complete. */
  lastPage: Promise<unknown>;
}

interface Entry {
  readonly query: ResumableQuery;
  readonly maxIdleMs: number;
  lastUsed: number;
}

/** The resumable queries of an index. One that is idle for too long expires. */
export class ResumableQueries {
  readonly #entries = new Map<string, Entry>();
  readonly #maximum: number;
  readonly #now: () => number;

  /**
   * @param maximum queries that may be active at once
   * @param now the time in milliseconds
   */
  constructor(maximum: number, now: () => number = () => performance.now()) {
    this.#maximum = maximum;
    this.#now = now;
  }

  /** @throws {RateLimitError} 429 if too many are active */
  start(query: Omit<ResumableQuery, "uuid" | "returnedIds" | "lastPage">, maxIdleMs: number): ResumableQuery {
    this.#reap();
    if (this.#entries.size >= this.#maximum) {
      throw new RateLimitError(
        "embedded",
        `Too many active resumable queries: ${this.#entries.size}, maximum: ${this.#maximum}`,
        { status: 429, hint: "End finished ones with resumable-query-end." },
      );
    }
    const started = {
      ...query,
      uuid: randomUUID(),
      returnedIds: new Set<string>(),
      lastPage: Promise.resolve(),
    };
    this.#entries.set(started.uuid, { query: started, maxIdleMs, lastUsed: this.#now() });
    return started;
  }

  /** @throws {NotFoundError} 404 for a query that has ended or expired, or is unknown */
  resume(uuid: string): ResumableQuery {
    this.#reap();
    const entry = this.#entries.get(uuid);
    if (entry === undefined) throw missing(uuid);
    entry.lastUsed = this.#now();
    return entry.query;
  }

  /** @throws {NotFoundError} 404 as `resume` */
  end(uuid: string): void {
    this.#reap();
    if (!this.#entries.delete(uuid)) throw missing(uuid);
  }

  #reap(): void {
    const now = this.#now();
    for (const [uuid, entry] of this.#entries) {
      if (now - entry.lastUsed > entry.maxIdleMs) this.#entries.delete(uuid);
    }
  }
}

function missing(uuid: string): NotFoundError {
  return new NotFoundError("embedded", `Resumable query ${uuid} does not exist or has expired`, {
    status: 404,
  });
}
