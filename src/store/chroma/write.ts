import type { Metadata as ChromaMetadata } from "chromadb";
import { InvalidRequestError } from "../../foundation/errors.ts";
import { mergePatch } from "../../foundation/merge-patch.ts";
import type { StoreRecord, Vector } from "../document.ts";
import { textProblem } from "../document-problems.ts";
import type { DocumentChange } from "../store.ts";
import { type ChromaFacts, replacing, toChromaFacts, toStoreRecord } from "./record.ts";
import { type RecordsCall, readRows } from "./search.ts";

/** A record that is ready to be written. */
interface PreparedRecord {
  readonly id: string;
  readonly vector: Vector;
  readonly facts: ChromaFacts;
}

/** Chroma accepts 40 MiB a request (its `max_payload_size_bytes`); a request stays well below. */
const maximumBytes = 24 * 1_048_576;
/** What a character may take in JSON, on average: UTF-8 and escapes. */
const bytesPerCharacter = 2;

/**
 * Stores up to 1,000 records whole. They are looked up first, for the keys of metadata that have to go; the
 * write itself is one request, so that a process that dies in between has written nothing. Should another
 * process give a record a new key in between, that key stays. Records of more than 24 MiB together take
 * several requests.
 *
 * @param records that `requireStorable` has let pass
 */
export async function writeRecords(call: RecordsCall, records: readonly StoreRecord[]): Promise<void> {
  // Of several of one id the last counts; Chroma's client refuses them.
  const prepared = [...new Map(records.map((record) => [record.id, prepare(record)])).values()];
  for (const batch of requestsOf(prepared)) {
    const ids = batch.map(({ id }) => id);
    const former = await call((collection) => collection.get({ ids, include: ["metadatas"] }));
    const formerMetadata = new Map(former.ids.map((id, place) => [id, former.metadatas[place]]));
    await call((collection) =>
      collection.upsert({
        ids,
        embeddings: batch.map(({ vector }) => Array.from(vector)),
        documents: batch.map(({ facts }) => facts.document),
        metadatas: batch.map(({ id, facts }) =>
          replacing(formerMetadata.get(id), facts.metadata),
        ) as ChromaMetadata[],
      }),
    );
  }
}

/**
 * Checks records before the first of them is written.
 * @throws {InvalidRequestError} for a record that Chroma cannot hold
 */
export function requireStorable(records: readonly StoreRecord[]): void {
  for (const { id, text, vector, sparseVector } of records) {
    requireUnicode(id, text);
    if (vector !== undefined && sparseVector === undefined) continue;
    const problem = vector === undefined ? "has no dense vector" : "has a sparse vector";
    throw new InvalidRequestError("chroma", `The record ${JSON.stringify(id)} ${problem}.`, {
      hint: "Chroma holds one dense vector a record and no other: make the vectors with a dense model.",
    });
  }
}

/** @throws {InvalidRequestError} for half of a surrogate pair in an id or a text */
export function requireUnicode(id: string, text: string | undefined): void {
  const problem = textProblem("id", id) ?? (text === undefined ? undefined : textProblem("text", text));
  if (problem === undefined) return;
  throw new InvalidRequestError("chroma", `The record ${JSON.stringify(id)} cannot be stored: ${problem}.`, {
    hint: "Correct the text in its source: such a half is what remains of a character that was cut.",
  });
}

function prepare(record: StoreRecord): PreparedRecord {
  return { id: record.id, vector: record.vector as Vector, facts: toChromaFacts(record) };
}

function* requestsOf(records: readonly PreparedRecord[]): Generator<PreparedRecord[]> {
  let batch: PreparedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = byteSizeOf(record);
    if (batch.length > 0 && bytes + size > maximumBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Vectors go as Base64: four characters for three bytes. */
function byteSizeOf({ id, vector, facts }: PreparedRecord): number {
  const characters = id.length + facts.document.length + JSON.stringify(facts.metadata).length;
  return Math.ceil((vector.length * Float32Array.BYTES_PER_ELEMENT * 4) / 3) + characters * bytesPerCharacter;
}

/**
 * Changes one record, in one request after a look at what it is.
 * @param vector of the new text; `undefined`: the record keeps its own
 * @returns false if it does not exist
 */
export async function updateRecord(
  call: RecordsCall,
  change: DocumentChange,
  vector: Vector | undefined,
): Promise<boolean> {
  requireUnicode(change.id, change.text);
  const row = (await readRows(call, [change.id], vector === undefined && change.text !== undefined)).get(
    change.id,
  );
  if (row === undefined) return false;
  const former = toStoreRecord(row);
  const metadata = change.mergeMetadata
    ? (mergePatch(former.metadata ?? {}, change.metadata ?? {}) as StoreRecord["metadata"])
    : (change.metadata ?? former.metadata);
  const text = change.text ?? former.text;
  const facts = toChromaFacts({ ...(text !== undefined && { text }), ...(metadata && { metadata }) });
  const embedding = vector ?? row.vector;
  await call((collection) =>
    collection.update({
      ids: [change.id],
      metadatas: [replacing(row.metadata, facts.metadata)] as ChromaMetadata[],
      ...(change.text !== undefined && { documents: [facts.document] }),
      ...(change.text !== undefined && embedding && { embeddings: [Array.from(embedding)] }),
    }),
  );
  return true;
}
