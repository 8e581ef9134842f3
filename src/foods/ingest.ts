import { isDeepStrictEqual } from "node:util";
import { CancelledError } from "../foundation/errors.ts";
import type { IdTable } from "../foundation/id-table.ts";
import { counted } from "../foundation/plural.ts";
import type { Document, StoreRecord } from "../store/document.ts";
import type { VectorStore } from "../store/store.ts";
import { foodTemplate, toDocument } from "./food.ts";
import type { IngestState } from "./ingest-state.ts";
import { readFoods, validateFile } from "./validate.ts";

/** Records in one write (Upstash's recommendation, and the former application's). */
const batchSize = 100;

export interface IngestOptions {
  readonly store: VectorStore;
  readonly file: string;
  /** What messages and the result call the file. Default: its path. */
  readonly fileName?: string;
  readonly namespace: string;
  /** Default: the template for foods. */
  readonly template?: string;
  /** Delete what the file no longer has. */
  readonly prune?: boolean;
  /** Where to note which file the namespace holds. */
  readonly state?: IngestState;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestProgress {
  readonly done: number;
  readonly total: number;
}

export interface IngestResult {
  readonly file: string;
  readonly namespace: string;
  /** Records in the file. */
  readonly total: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** Texts that some models do not read to their end. */
  readonly longTexts: number;
  /** Records whose text another record has too. */
  readonly repeatedTexts: number;
  readonly milliseconds: number;
}

/**
 * Brings a namespace to what a data file holds: validates the whole file, then writes in batches of 100
 * what is new or changed, so that a second run writes nothing. Stopped half-way, it goes on from there
 * when it is run again.
 *
 * @throws {DataError} before anything is written, when the file has any fault
 * @throws {CancelledError} when the signal fires; what was written stays
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const started = performance.now();
  const { store, file, namespace, signal, onProgress } = options;
  const report = await validateFile(file, options.fileName);
  const template = options.template ?? foodTemplate;
  const finish = options.state?.begin(namespace, file, template);
  const counts = { added: 0, changed: 0, unchanged: 0 };
  let done = 0;
  for await (const batch of batches(file, template)) {
    if (signal?.aborted)
      throw new CancelledError(
        `Stopped after ${done.toLocaleString("en")} of ${counted(report.count, "record")}.`,
        {
          hint: "Run the command again to go on.",
        },
      );
    await writeBatch(options, batch, counts);
    done += batch.length;
    onProgress?.({ done, total: report.count });
  }
  const deleted = options.prune ? await prune(store, namespace, report.ids, signal) : 0;
  finish?.();
  const { count: total, longTexts, repeatedTexts } = report;
  return {
    file: report.file,
    namespace,
    total,
    ...counts,
    deleted,
    longTexts,
    repeatedTexts,
    milliseconds: performance.now() - started,
  };
}

async function* batches(file: string, template: string): AsyncGenerator<Document[]> {
  let batch: Document[] = [];
  for await (const food of readFoods(file)) {
    batch.push(toDocument(food, template));
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function writeBatch(
  { store, namespace, signal }: IngestOptions,
  batch: readonly Document[],
  counts: { added: number; changed: number; unchanged: number },
): Promise<void> {
  const options = { namespace, ...(signal && { signal }) };
  const stored = await store.fetch(
    batch.map(({ id }) => id),
    options,
  );
  const wanted = batch.filter((document, place) => !isSame(document, stored[place]));
  if (wanted.length > 0) await store.upsert(wanted, options);
  const known = stored.filter((record) => record !== undefined).length;
  counts.added += batch.length - known;
  counts.unchanged += batch.length - wanted.length;
  counts.changed += wanted.length - (batch.length - known);
}

function isSame(document: Document, record: StoreRecord | undefined): boolean {
  return (
    record !== undefined &&
    record.text === document.text &&
    isDeepStrictEqual(record.metadata, document.metadata)
  );
}

async function prune(
  store: VectorStore,
  namespace: string,
  ids: IdTable,
  signal?: AbortSignal,
): Promise<number> {
  const options = { namespace, ...(signal && { signal }) };
  const surplus: string[] = [];
  for await (const page of store.range({ ...options, pageSize: 1_000 })) {
    surplus.push(...page.map(({ id }) => id).filter((id) => !ids.has(id)));
  }
  return surplus.length === 0 ? 0 : await store.delete({ ids: surplus }, options);
}
