import { UsageError } from "../foundation/errors.ts";
import { type FoodRecord, toFoodRecord } from "../rag/source.ts";
import { type Filter, filterPredicate } from "../store/filter.ts";
import type { VectorStore } from "../store/store.ts";
import { HttpError } from "./http-error.ts";
import type { FoodPage } from "./schemas/foods.ts";

export interface FoodPageRequest {
  readonly namespace: string;
  readonly filter: Filter | undefined;
  readonly cursor: string | undefined;
  /** Foods a page. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** The start of a page: the store, the page of the store, and the records of that page to skip. */
interface Position {
  readonly store: string;
  /** `undefined`: the first page. */
  readonly cursor: string | undefined;
  readonly skip: number;
}

/** Records that one request looks at; a filter that few meet gives short pages instead of long waits. */
const mostLookedAt = 5_000;

/** Records that are read at once for a filter. */
const filterPageSize = 500;

/**
 * One page of the records of a namespace, in the store's order.
 *
 * @throws {UsageError} for a cursor that is not one
 * @throws {HttpError} 409 if another store answers than the one that the cursor belongs to
 */
export async function readFoodPage(store: VectorStore, request: FoodPageRequest): Promise<FoodPage> {
  const { namespace, filter, limit, signal } = request;
  const start = request.cursor === undefined ? undefined : decode(request.cursor);
  const accepts = filter ? filterPredicate(filter) : () => true;
  const foods: FoodRecord[] = [];
  let { name } = store;
  let pageCursor = start?.cursor;
  let skip = start?.skip ?? 0;
  let nextCursor: string | undefined;
  let lookedAt = 0;
  const pages = store.range({
    namespace,
    signal,
    pageSize: filter ? filterPageSize : limit,
    ...(pageCursor !== undefined && { cursor: pageCursor }),
    onPage: (next) => {
      nextCursor = next;
    },
    onServed: (served) => {
      name = served.store;
    },
    onFallback: (fallback) => {
      name = fallback.store;
    },
  });
  const position = (): Position => ({ store: name, cursor: pageCursor, skip });
  for await (const page of pages) {
    if (start !== undefined && start.store !== name) throw otherStore(start.store, name);
    for (const record of page.slice(skip)) {
      if (foods.length === limit) return { foods, nextCursor: encode(position()), store: name };
      skip++;
      if (accepts(record.metadata)) foods.push(toFoodRecord(record));
    }
    lookedAt += page.length;
    if (nextCursor === undefined) break;
    pageCursor = nextCursor;
    // The store's pages may be smaller than those of the request that made the cursor.
    skip -= page.length;
    if (foods.length === limit || lookedAt >= mostLookedAt) {
      return { foods, nextCursor: encode(position()), store: name };
    }
  }
  return { foods, store: name };
}

function otherStore(before: string, now: string): HttpError {
  return new HttpError(409, "cursor", `The cursor belongs to the store ${before}, and ${now} answers now.`, {
    hint: "Begin at the first page again.",
  });
}

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** @throws {UsageError} */
function decode(text: string): Position {
  try {
    const { store, cursor, skip } = JSON.parse(Buffer.from(text, "base64url").toString());
    const isCursor = cursor === undefined || typeof cursor === "string";
    if (typeof store === "string" && isCursor && Number.isSafeInteger(skip) && skip >= 0) {
      return { store, cursor, skip };
    }
  } catch {
    // Not JSON.
  }
  throw new UsageError("The cursor is not one that this service gave.", {
    hint: "Begin at the first page, without a cursor.",
  });
}
