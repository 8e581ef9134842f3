import { BoundedBatch } from "../foundation/bounded-batch.ts";
import { InvalidRequestError } from "../foundation/errors.ts";
import { quoted } from "../foundation/quoted.ts";
import type { StoreRecord } from "../store/document.ts";
import { recordBytes } from "../store/record-bytes.ts";
import type { CallOptions } from "../store/store.ts";
import type { MigrationTarget } from "./target.ts";

/**
 * Writes records as `toTargetRecord` returns them: as texts if the target embeds, else with their vectors. Up to
 * 1,000 of them are stored whole or not at all.
 *
 * @throws {InvalidRequestError} for what the target refuses, and for a record without text that it should embed
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
      `The record ${quoted(id)} has no text, so it cannot be embedded.`,
      { hint: "Keep the source's vectors with --vectors keep, or add the text in the source." },
    );
  });
  return store.upsert(documents, { ...options, namespace });
}

/** Both halves of a refused batch; `undefined` for a single record, which is the one that is refused. */
export function halved<Item>(batch: readonly Item[]): [readonly Item[], readonly Item[]] | undefined {
  if (batch.length < 2) return undefined;
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

/** A record that the target refuses. */
export interface RefusedRecord {
  readonly id: string;
  readonly reason: string;
}

/**
 * Writes what the target takes, with requests of about 8 MiB: one that it refuses is halved until only the refused
 * record is left.
 *
 * @returns the records that it refuses
 * @throws {ServiceError} for anything but a refusal
 */
export async function writeAcceptable(
  target: MigrationTarget,
  records: readonly StoreRecord[],
  options: CallOptions = {},
): Promise<RefusedRecord[]> {
  const batch = new BoundedBatch<StoreRecord>(records.length);
  const refused: RefusedRecord[] = [];
  for (const record of records) {
    const full = batch.add(record, recordBytes(record));
    if (full) refused.push(...(await writeHalving(target, full, options)));
  }
  return [...refused, ...(await writeHalving(target, batch.take(), options))];
}

async function writeHalving(
  target: MigrationTarget,
  records: readonly StoreRecord[],
  options: CallOptions,
): Promise<RefusedRecord[]> {
  if (records.length === 0) return [];
  try {
    await writeRecords(target, records, options);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    const halves = halved(records);
    if (halves === undefined) return records.map(({ id }) => ({ id, reason: error.message }));
    const refused = await writeHalving(target, halves[0], options);
    return [...refused, ...(await writeHalving(target, halves[1], options))];
  }
}
