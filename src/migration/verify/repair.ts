import type { StoreRecord } from "../../store/document.ts";
import { type RefusedRecord, writeAcceptable } from "../write.ts";
import { compareRecord } from "./compare-record.ts";
import { type Difference, type DifferenceCounts, unrequestedCount } from "./difference.ts";
import { DifferenceLog } from "./difference-log.ts";
import { deleteExtras, type ExtrasReport } from "./extras.ts";
import {
  completeSettings,
  requireWhole,
  type VerifyEvent,
  type VerifyOptions,
  type VerifySettings,
} from "./settings.ts";
import { SourceWatch } from "./source-watch.ts";
import { logCompared, walkOptions } from "./verify.ts";
import { compareRecords, fetchRecords, type WalkOptions } from "./walk.ts";

/** Extras are no success of a repair: `allowExtras` is a setting of the verification only. */
export interface RepairSettings extends Omit<VerifySettings, "allowExtras"> {
  /** Records in one write: 1 to 1,000. Default 100. */
  readonly writeBatchSize?: number;
  /** Delete records that only the target has. Default false. */
  readonly deleteExtras?: boolean;
}

export type RepairEvent =
  | VerifyEvent
  /** `sent` records were written so far, `remaining` of them still differ. */
  | { readonly type: "repair-batch-end"; readonly sent: number; readonly remaining: number }
  /** These were deleted from the target; call `forget` of the ledger. */
  | { readonly type: "repair-deletion"; readonly ids: readonly string[] };

export interface RepairOptions extends Omit<VerifyOptions, "settings" | "onEvent"> {
  readonly settings?: RepairSettings;
  /** Whether the migration wrote the record of that id: if given, no other record is deleted. */
  readonly wasWritten?: (id: string) => boolean | Promise<boolean>;
  readonly onEvent?: (event: RepairEvent) => void;
}

/** Result of a repair; plain JSON. */
export interface RepairReport {
  /** Nothing differs any more, as far as this pass has seen. */
  readonly isIdentical: boolean;
  /** Nothing differs but what is left out on request: the exit code. */
  readonly isPassed: boolean;
  /** What differed before. */
  readonly found: DifferenceCounts;
  /** Records that were written again. */
  readonly sent: number;
  /** Ids of the first of them. */
  readonly sentIds: readonly string[];
  readonly deleted: number;
  /** Extras that stay because the migration did not write them, although extras were to be deleted. */
  readonly foreignCount: number;
  /** Why extras stay although they were to be deleted. */
  readonly deletionWithheld: string | undefined;
  /** The first 100 records that the target refuses, and their number. */
  readonly refused: readonly RefusedRecord[];
  readonly refusedCount: number;
  /** What still differs. */
  readonly remaining: DifferenceCounts;
  readonly remainingCount: number;
  readonly differences: readonly Difference[];
  readonly sourceChange: string | undefined;
  readonly milliseconds: number;
}

/** Ids and refusals that a report lists. */
const maximumListed = 100;

/**
 * Compares as `verifyRecords` does, and rewrites missing and different records, as an import would. Each record that
 * was written is read back and compared. Extras are deleted on request only. Only the first record of a duplicate id
 * is used. Run again after a fault, a repair continues with what still differs.
 *
 * @throws {UsageError} for a setting out of range
 * @throws {CancelledError} when the signal fires; what was written stays
 * @throws {ServiceError | StorageError | DataError} if a side cannot be read, or the target cannot be written
 */
export async function repairRecords(options: RepairOptions): Promise<RepairReport> {
  const { writeBatchSize = 100, deleteExtras: shallDelete = false } = options.settings ?? {};
  requireWhole("writeBatchSize", writeBatchSize, 1, 1_000);
  const settings = completeSettings(options.settings);
  const onEvent = options.onEvent ?? (() => {});
  const { source, target, signal } = options;
  const calling = { signal };
  const started = performance.now();
  const found = await DifferenceLog.open({
    maximumListed: 0,
    onDifference: (difference) => onEvent({ type: "verify-mismatch", difference }),
  });
  const remaining = await DifferenceLog.open({
    maximumListed: settings.maximumListed,
    file: settings.differencesFile,
  });
  try {
    const watch = await SourceWatch.start(source, calling);
    const index = await target.store.info(calling);
    const walk = walkOptions({ source, target, ...calling }, settings, index, remaining);
    const mender = new Mender(walk, remaining, writeBatchSize, onEvent);
    for await (const batch of compareRecords(walk)) {
      for (const compared of batch) {
        if (logCompared(found, compared) === 0) continue;
        if (compared.isRepeated) logCompared(remaining, compared);
        else await mender.take(compared.expected);
      }
      onEvent(watch.read(batch.length, found.total));
    }
    await mender.finish();
    const sourceChange = await watch.change(calling);
    const extras: ExtrasReport = await deleteExtras({
      walk,
      shallDelete,
      sourceChange,
      onDeleted: (ids) => onEvent({ type: "repair-deletion", ids }),
      found,
      remaining,
      ...(options.wasWritten && { wasWritten: options.wasWritten }),
    });
    await remaining.complete();
    return {
      isIdentical: remaining.total === 0 && sourceChange === undefined,
      isPassed: unrequestedCount(remaining.counts) === 0 && sourceChange === undefined,
      found: found.counts,
      ...mender.counts,
      ...extras,
      remaining: remaining.counts,
      remainingCount: remaining.total,
      differences: remaining.differences,
      sourceChange,
      milliseconds: performance.now() - started,
    };
  } finally {
    await remaining.close();
  }
}

/** Writes records in batches and reads them back. */
class Mender {
  readonly #walk: WalkOptions;
  readonly #remaining: DifferenceLog;
  readonly #batchSize: number;
  readonly #onEvent: (event: RepairEvent) => void;
  readonly #sentIds: string[] = [];
  readonly #refused: RefusedRecord[] = [];
  #refusedCount = 0;
  #sent = 0;
  #batch: StoreRecord[] = [];

  constructor(
    walk: WalkOptions,
    remaining: DifferenceLog,
    batchSize: number,
    onEvent: (event: RepairEvent) => void,
  ) {
    this.#walk = walk;
    this.#remaining = remaining;
    this.#batchSize = batchSize;
    this.#onEvent = onEvent;
  }

  get counts(): Pick<RepairReport, "sent" | "sentIds" | "refused" | "refusedCount"> {
    return {
      sent: this.#sent,
      sentIds: this.#sentIds,
      refused: this.#refused,
      refusedCount: this.#refusedCount,
    };
  }

  async take(record: StoreRecord): Promise<void> {
    this.#batch.push(record);
    if (this.#batch.length >= this.#batchSize) await this.finish();
  }

  async finish(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const { target, rules } = this.#walk;
    const refused = await writeAcceptable(target, batch, this.#walk.signal && { signal: this.#walk.signal });
    this.#count(batch, refused);
    const ids = batch.map(({ id }) => id);
    const written = await fetchRecords(target, ids, this.#walk);
    batch.forEach((expected, place) => {
      for (const difference of compareRecord(expected, written[place], rules)) {
        this.#remaining.add({ ...difference, id: expected.id });
      }
    });
    await this.#remaining.flush();
    this.#onEvent({ type: "repair-batch-end", sent: this.#sent, remaining: this.#remaining.total });
  }

  #count(batch: readonly StoreRecord[], refused: readonly RefusedRecord[]): void {
    const refusedIds = new Set(refused.map(({ id }) => id));
    for (const { id } of batch) {
      if (refusedIds.has(id)) continue;
      this.#sent++;
      if (this.#sentIds.length < maximumListed) this.#sentIds.push(id);
    }
    this.#refusedCount += refused.length;
    this.#refused.push(...refused.slice(0, maximumListed - this.#refused.length));
  }
}
