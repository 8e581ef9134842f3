import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { batchesOf } from "../foundation/batches.ts";
import { CancelledError, DataError } from "../foundation/errors.ts";
import { parseJson, stringifyJson } from "../foundation/exact-json/index.ts";
import type { IdTable } from "../foundation/id-table.ts";
import { counted } from "../foundation/plural.ts";
import type { Document, Metadata, StoreRecord } from "../store/document.ts";
import type { VectorStore, WriteOptions } from "../store/store.ts";
import { foodTemplate, toDocument } from "./food.ts";
import type { IngestState } from "./ingest-state.ts";
import { type FileReport, readFoods, validateFile } from "./validate.ts";

/** Records in one write (Upstash's recommendation, and the former application's). */
const batchSize = 100;

/** Records in one page of a range, and ids in one delete: the most that Upstash takes. */
const pageSize = 1_000;

/** Ids of records that a proposal to delete, or a result, names. */
const idsNamed = 10;

export interface IngestOptions {
  readonly store: VectorStore;
  readonly file: string;
  /** What messages and the result call the file. Default: its path. */
  readonly fileName?: string;
  readonly namespace: string;
  /** Default: the template for foods. */
  readonly template?: string | undefined;
  /** The fields that make up the text of a record, joined in this order. Default: `text`. */
  readonly textFields?: readonly string[] | undefined;
  /** Delete records that the file does not have. */
  readonly prune?: boolean;
  /**
   * Called before anything is written if `prune` would delete records. Throw to stop; nothing is written then.
   * Not called with `dryRun`.
   */
  readonly confirmPrune?: (proposal: PruneProposal) => Promise<void>;
  /** Compare only: nothing is written or deleted. */
  readonly dryRun?: boolean;
  /** Where to note which file the namespace holds. */
  readonly state?: IngestState;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestProgress {
  readonly done: number;
  readonly total: number;
}

/** The records that `prune` would delete. */
export interface PruneProposal {
  readonly count: number;
  /** Records in the namespace. */
  readonly total: number;
  /** Ids of the first of them. */
  readonly ids: readonly string[];
}

export interface IngestResult {
  readonly file: string;
  readonly namespace: string;
  /** Records in the file. */
  readonly total: number;
  readonly added: number;
  readonly changed: number;
  /** Ids of the first 10 of them. */
  readonly changedIds: readonly string[];
  readonly unchanged: number;
  readonly deleted: number;
  /** Records whose write or delete the store did not take: it waits on this machine. Not in the other counts. */
  readonly queued: number;
  /** Why the first of them waits. */
  readonly queuedReason?: string;
  /** Texts that some models do not read to their end. */
  readonly longTexts: number;
  /** Records with the same text as another record. */
  readonly repeatedTexts: number;
  readonly milliseconds: number;
}

interface Counts {
  added: number;
  changed: number;
  readonly changedIds: string[];
  unchanged: number;
  deleted: number;
  queued: number;
  queuedReason?: string;
}

/**
 * Makes a namespace hold the records of a data file: validates the whole file, then writes new and changed records in
 * batches of 100, so that a second run writes nothing. If it was stopped, it continues when it is run again.
 *
 * @throws {DataError} before anything is written, if the file has any fault
 * @throws {CancelledError} when the signal fires; what was written stays
 */
export async function ingest(options: IngestOptions): Promise<IngestResult> {
  const started = performance.now();
  const {
    file,
    fileName: name,
    namespace,
    template = foodTemplate,
    textFields = [],
    dryRun = false,
  } = options;
  requireRepeatable(file);
  const report = await validateFile(file, { ...(name !== undefined && { name }), template, textFields });
  const surplus = options.prune ? await findSurplus(options, report.ids) : [];
  const finish = dryRun ? undefined : options.state?.begin(namespace, { file, template, textFields });
  const counts: Counts = { added: 0, changed: 0, changedIds: [], unchanged: 0, deleted: 0, queued: 0 };
  await writeAll(options, report, counts);
  await remove(options, surplus, counts);
  // Writes that wait are not in the store: the next ingest has to compare again.
  if (counts.queued === 0) finish?.();
  const { count: total, longTexts, repeatedTexts } = report;
  return {
    file: report.file,
    namespace,
    total,
    ...counts,
    longTexts,
    repeatedTexts,
    milliseconds: performance.now() - started,
  };
}

/** @throws {DataError} for a pipe: the file is read twice, once before anything is written */
function requireRepeatable(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return;
  throw new DataError(file, `${file} is a pipe or a device, which can be read only once.`, {
    hint: "Give it as the argument: ragfood ingest -, or ragfood ingest <(…).",
  });
}

async function writeAll(options: IngestOptions, report: FileReport, counts: Counts): Promise<void> {
  const { signal, onProgress } = options;
  let done = 0;
  for await (const batch of batches(options)) {
    if (signal?.aborted) {
      throw new CancelledError(
        `Stopped after ${done.toLocaleString("en")} of ${counted(report.count, "record")}.`,
        { hint: "Run the command again to continue." },
      );
    }
    await writeBatch(options, batch, counts);
    done += batch.length;
    onProgress?.({ done, total: report.count });
  }
}

async function* batches({ file, template, textFields }: IngestOptions): AsyncGenerator<Document[]> {
  let batch: Document[] = [];
  for await (const food of readFoods(file, textFields)) {
    batch.push(toDocument(food, template));
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function writeBatch(
  { store, namespace, signal, dryRun = false }: IngestOptions,
  batch: readonly Document[],
  counts: Counts,
): Promise<void> {
  const options = { namespace, signal };
  const stored = await store.fetch(
    batch.map(({ id }) => id),
    options,
  );
  const wanted = batch.filter((document, place) => !isSame(document, stored[place]));
  const held = new Set(stored.map((record) => record?.id));
  counts.unchanged += batch.length - wanted.length;
  if (wanted.length === 0) return;
  if (!dryRun && (await wasQueued(counts, options, (queued) => store.upsert(wanted, queued)))) {
    counts.queued += wanted.length;
    return;
  }
  const changed = wanted.filter(({ id }) => held.has(id)).map(({ id }) => id);
  counts.added += wanted.length - changed.length;
  counts.changed += changed.length;
  counts.changedIds.push(...changed.slice(0, idsNamed - counts.changedIds.length));
}

/** Makes one write. @returns whether the store did not take it, so that it waits in the queue */
async function wasQueued(
  counts: Counts,
  options: WriteOptions,
  write: (options: WriteOptions) => Promise<unknown>,
): Promise<boolean> {
  let isQueued = false;
  await write({
    ...options,
    onQueued: ({ reason }) => {
      isQueued = true;
      counts.queuedReason ??= reason;
    },
  });
  return isQueued;
}

function isSame(document: Document, record: StoreRecord | undefined): boolean {
  return (
    record !== undefined &&
    record.text === document.text &&
    isDeepStrictEqual(record.metadata, asRead(document.metadata))
  );
}

/** Metadata as a store gives it back: `1.0` is the number 1. */
function asRead(metadata: Metadata): unknown {
  return parseJson(stringifyJson(metadata));
}

/** The ids that the file does not have, if it is confirmed that they may go. */
async function findSurplus(options: IngestOptions, ids: IdTable): Promise<string[]> {
  const { store, namespace, signal, dryRun = false, confirmPrune } = options;
  const surplus: string[] = [];
  let total = 0;
  for await (const page of store.range({ namespace, pageSize, signal })) {
    total += page.length;
    surplus.push(...page.map(({ id }) => id).filter((id) => !ids.has(id)));
  }
  if (surplus.length > 0 && !dryRun) {
    await confirmPrune?.({ count: surplus.length, total, ids: surplus.slice(0, idsNamed) });
  }
  return surplus;
}

async function remove(
  { store, namespace, signal, dryRun = false }: IngestOptions,
  surplus: readonly string[],
  counts: Counts,
): Promise<void> {
  if (dryRun) {
    counts.deleted = surplus.length;
    return;
  }
  for (const ids of batchesOf(surplus, pageSize)) {
    const isQueued = await wasQueued(counts, { namespace, signal }, async (options) => {
      counts.deleted += await store.delete({ ids }, options);
    });
    if (isQueued) counts.queued += ids.length;
  }
}
