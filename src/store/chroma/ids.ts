import { ServiceFaultError } from "../../foundation/errors.ts";
import type { CallOptions } from "../store.ts";
import type { ChromaCollection, ChromaConnection } from "./connection.ts";

/** Ids a request; 100,000 take about 3 MB of JSON. */
const pageSize = 100_000;
const attempts = 5;

/**
 * Every id of a collection, in the order of insertion. Chroma pages by offset, so that a record deleted
 * meanwhile pulls one that was not read yet into a page that was: each page begins with the last id of the
 * one before, and if that has moved, the ids are read again.
 *
 * @param size of a page, for tests
 * @throws {ServiceFaultError} if records are deleted faster than their ids can be read
 */
export async function readIds(
  connection: ChromaConnection,
  collection: ChromaCollection,
  options: CallOptions,
  size: number = pageSize,
): Promise<string[]> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const ids = await readOnce(connection, collection, options, size);
    if (ids) return ids;
  }
  throw new ServiceFaultError(
    "chroma",
    `The collection ${collection.name} changes faster than its ids can be read.`,
    { hint: "Try again when fewer records are being deleted." },
  );
}

/** @returns `undefined` if the ids moved while they were read */
async function readOnce(
  connection: ChromaConnection,
  collection: ChromaCollection,
  options: CallOptions,
  size: number,
): Promise<string[] | undefined> {
  const ids: string[] = [];
  for (;;) {
    const overlap = ids.length === 0 ? 0 : 1;
    const page = await connection.records(collection, options, (records) =>
      records.get({ include: [], limit: size + overlap, offset: ids.length - overlap }),
    );
    if (overlap === 1 && page.ids[0] !== ids.at(-1)) return undefined;
    for (const id of page.ids.slice(overlap)) ids.push(id);
    if (page.ids.length < size + overlap) return ids;
  }
}
