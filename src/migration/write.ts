import { InvalidRequestError } from "../foundation/errors.ts";
import type { StoreRecord } from "../store/document.ts";
import type { CallOptions } from "../store/store.ts";
import type { MigrationTarget } from "./target.ts";

/**
 * Writes records as `toTargetRecord` gives them: texts where the target embeds, records with their vectors
 * where these are carried. At most 1,000 of them are stored whole or not at all.
 *
 * @throws {InvalidRequestError} for what the target does not take, and for a record without text that the
 * target should embed
 * @throws {ServiceError}
 */
export async function writeRecords(
  target: MigrationTarget,
  records: readonly StoreRecord[],
  options: CallOptions = {},
): Promise<void> {
  const { store, namespace, embedding } = target;
  if (embedding === "carried") return store.upsertRecords(records, { ...options, namespace });
  const documents = records.map(({ id, text, metadata = {} }) => {
    if (text !== undefined) return { id, text, metadata };
    throw new InvalidRequestError(
      store.name,
      `The record ${JSON.stringify(id)} has no text, so there is nothing to embed.`,
      { hint: "Carry the vectors over, or give the record a text." },
    );
  });
  return store.upsert(documents, { ...options, namespace });
}

/** A record that the target did not take. */
export interface RefusedRecord {
  readonly id: string;
  readonly reason: string;
}

/**
 * Writes what the target takes: a batch that it refuses is halved until the record at fault stands alone.
 *
 * @returns the records that it does not take
 * @throws {ServiceError} for anything but a refusal
 */
export async function writeAcceptable(
  target: MigrationTarget,
  records: readonly StoreRecord[],
  options: CallOptions = {},
): Promise<RefusedRecord[]> {
  try {
    await writeRecords(target, records, options);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    const [first, ...rest] = records;
    if (first !== undefined && rest.length === 0) return [{ id: first.id, reason: error.message }];
    const half = Math.ceil(records.length / 2);
    return [
      ...(await writeAcceptable(target, records.slice(0, half), options)),
      ...(await writeAcceptable(target, records.slice(half), options)),
    ];
  }
}
