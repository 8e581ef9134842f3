import { setImmediate } from "node:timers/promises";
import { CancelledError, IndexMismatchError, RagfoodError, UsageError } from "../../foundation/errors.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import { safeListener } from "../../foundation/safe-listener.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Ledger } from "../ledger/index.ts";
import { type Omission, refusalHash } from "../omission.ts";
import { ProgressMeter } from "../progress-meter.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import { type Block, cutBlocks } from "./block.ts";
import { Delivery, type DeliveryContext, type ImportCounters } from "./delivery.ts";
import type { ImportListener, ImportOutcome } from "./events.ts";
import { failureOf, nextQuotaDay } from "./failure.ts";
import { Gate } from "./gate.ts";
import { Interruption } from "./interruption.ts";
import { Pace } from "./pace.ts";
import { Refusals } from "./refusals.ts";
import type { ImportReport } from "./report.ts";
import { completeSettings, type ImportSettings } from "./settings.ts";

export interface ImportOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  /** The ledger of the migration from this source to this target. */
  readonly ledger: Ledger;
  readonly settings?: Partial<ImportSettings>;
  /** A record that the target refuses is left out and listed in the ledger. Default false: a failure. */
  readonly skipRefused?: boolean;
  /** Stops the import: requests that were sent may finish within `drainMs`. */
  readonly signal?: AbortSignal | undefined;
  /** Aborts the import and the requests that were sent. */
  readonly abortSignal?: AbortSignal;
  readonly onEvent?: ImportListener;
}

/**
 * Writes every record of a source to the target, except those that the ledger knows to be there, and records in the
 * ledger what the target has acknowledged. Run it again after any interruption or after the source has changed: it
 * sends only missing and new records. Records that the source no longer has stay in the target; the verification
 * finds them.
 *
 * Failures are in the report, with all that was done; acknowledged records are never lost. Memory is bounded by
 * `maximumBlocks` and `maximumBytes`, independent of the number of records.
 *
 * @throws {UsageError} for settings out of range, or a ledger of another target
 * @throws {IndexMismatchError} if the target cannot take the vectors of the source, or was emptied
 * @throws {RagfoodError} if source, target or ledger cannot be read at the beginning; nothing was sent
 */
export async function importRecords(options: ImportOptions): Promise<ImportReport> {
  const settings = completeSettings(options.settings ?? {});
  const { source, target, ledger } = options;
  requireSameTarget(target, ledger);
  const call = options.signal ? { signal: options.signal } : {};
  const description = await source.describe(call);
  const info = await target.store.info(call);
  requireFit(description, info, target, ledger);
  const emit = safeListener(options.onEvent);
  const { signal, abortSignal } = options;
  const interruption = new Interruption({ signal, abortSignal, drainMs: settings.drainMs });
  try {
    return await new Import({
      source,
      target,
      ledger,
      settings,
      description,
      info,
      interruption,
      emit,
      skipRefused: options.skipRefused ?? false,
    }).run();
  } finally {
    interruption.close();
  }
}

interface ImportParts {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  readonly ledger: Ledger;
  readonly settings: ImportSettings;
  readonly description: SourceDescription;
  readonly info: StoreInfo;
  readonly interruption: Interruption;
  readonly emit: ImportListener;
  readonly skipRefused: boolean;
}

/** Omissions that are written to the ledger at once. */
const omissionBatch = 1_000;

/** Maximum number of records in one read of the source. */
const readBatch = 500;

/** Source and target may work in this process: signals and the heartbeat of the ledger need a turn too. */
const turn = (): Promise<void> => setImmediate();

class Import {
  readonly #source: RecordSource;
  readonly #total: number;
  readonly #context: DeliveryContext;
  readonly #inFlight = new Set<Promise<void>>();
  /** Blocks that were read and are not yet acknowledged: being sent, or in `#pending`. */
  readonly #held = { blocks: 0, bytes: 0 };
  #pending: Block[] = [];
  #omissions: Omission[] = [];
  #unexpected: { readonly error: unknown } | undefined;

  constructor({ description, info, source, skipRefused, ...parts }: ImportParts) {
    const { settings, interruption, emit } = parts;
    const pace = new Pace(settings);
    this.#source = source;
    this.#total = description.recordCount;
    this.#context = {
      ...parts,
      index: info,
      pace,
      gate: new Gate(pace, interruption),
      omit: skipRefused ? (record, reason) => this.#omitRefused(record, reason) : undefined,
      refusals: new Refusals(settings.maximumRefusals, interruption, emit),
      progress: new ProgressMeter(emit),
      total: this.#total,
      counters: {
        read: 0,
        skipped: 0,
        acknowledged: 0,
        sent: 0,
        bytes: 0,
        requests: 0,
        retries: 0,
        omittedRecords: 0,
        omittedFields: 0,
      },
    };
  }

  async run(): Promise<ImportReport> {
    const { ledger, interruption, counters, progress, emit } = this.#context;
    const startedAt = performance.now();
    ledger.beginRun();
    try {
      await this.#readAll();
      while (this.#pending.length > 0 && !interruption.isStopped) await this.#dispatch();
    } catch (error) {
      this.#fail(error);
    }
    await Promise.all(this.#inFlight);
    this.#listOmissions();
    if (this.#unexpected) throw this.#unexpected.error;
    const outcome = this.#outcome();
    this.#close(outcome, counters);
    progress.report();
    emit({ type: "import-end", outcome });
    return this.#report(outcome, performance.now() - startedAt);
  }

  async #readAll(): Promise<void> {
    const { target, ledger, interruption, settings, counters, progress, emit } = this.#context;
    const includeVectors = target.embedding === "carried";
    const batches = this.#source.records({
      batchSize: readBatch,
      includeVectors,
      exactNumbers: true,
      onOmission: (omission) => this.#omit(omission),
      signal: interruption.stopped,
    });
    for await (const block of cutBlocks(batches, includeVectors)) {
      if (interruption.isStopped) return;
      const records = block.records.length;
      counters.read += records;
      if (ledger.skip(block.hash)) {
        counters.skipped += records;
        emit({ type: "block-skip", records });
        progress.update(counters.skipped + counters.acknowledged, this.#total, 0);
        await turn();
        continue;
      }
      this.#pending.push(block);
      this.#hold(block, 1);
      while (this.#isBatchFull() && !interruption.isStopped) await this.#dispatch();
      // Free memory for the next block before it is read.
      while (this.#isMemoryFull(settings) && !interruption.isStopped) {
        await (this.#pending.length > 0 ? this.#dispatch() : this.#anyEnd());
      }
    }
  }

  #omitRefused(record: StoreRecord, reason: string): void {
    this.#omit({ id: record.id, reason, hash: refusalHash(record, this.#context.target) });
  }

  #omit(omission: Omission): void {
    this.#context.counters[omission.field === undefined ? "omittedRecords" : "omittedFields"]++;
    this.#omissions.push(omission);
    if (this.#omissions.length >= omissionBatch) this.#listOmissions();
  }

  #listOmissions(): void {
    const { ledger } = this.#context;
    try {
      ledger.omit(this.#omissions);
    } catch (error) {
      this.#fail(error);
    }
    this.#omissions = [];
  }

  #hold({ bytes }: Block, change: 1 | -1): void {
    this.#held.blocks += change;
    this.#held.bytes += change * bytes;
  }

  #isMemoryFull({ maximumBlocks, maximumBytes }: ImportSettings): boolean {
    const { blocks, bytes } = this.#held;
    return blocks >= maximumBlocks || (blocks > 0 && bytes >= maximumBytes);
  }

  #isBatchFull(): boolean {
    const { pace } = this.#context;
    const records = this.#pending.reduce((sum, block) => sum + block.records.length, 0);
    const bytes = this.#pending.reduce((sum, block) => sum + block.bytes, 0);
    return records >= pace.batchSize || bytes >= pace.byteLimit;
  }

  /** Sends the next batch as soon as the pace allows another request. */
  async #dispatch(): Promise<void> {
    const { pace, interruption } = this.#context;
    while (this.#inFlight.size >= pace.concurrency) await this.#anyEnd();
    if (interruption.isStopped) return;
    const blocks = this.#takeBatch();
    const delivery = new Delivery(this.#context, blocks)
      .run()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#inFlight.delete(delivery);
        for (const block of blocks) this.#hold(block, -1);
      });
    this.#inFlight.add(delivery);
    await turn();
  }

  /** As many of the pending blocks as fit into one request, at least one. */
  #takeBatch(): Block[] {
    const { batchSize, byteLimit } = this.#context.pace;
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const block of this.#pending) {
      records += block.records.length;
      bytes += block.bytes;
      if (count > 0 && (records > batchSize || bytes > byteLimit)) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  #anyEnd(): Promise<void> {
    return Promise.race(this.#inFlight);
  }

  #fail(error: unknown): void {
    const { interruption } = this.#context;
    if (error instanceof CancelledError) interruption.stop({ outcome: "cancelled" });
    else if (error instanceof RagfoodError) interruption.stop({ outcome: "failed", failure: error });
    else {
      this.#unexpected ??= { error };
      interruption.stop({ outcome: "failed" });
    }
  }

  #outcome(): ImportOutcome {
    const { interruption, refusals } = this.#context;
    return interruption.reason?.outcome ?? (refusals.areOmitted ? "complete" : "refused");
  }

  /** If the ledger itself failed, its further errors are ignored. */
  #close(outcome: ImportOutcome, { sent, skipped, bytes }: ImportCounters): void {
    const { ledger, interruption } = this.#context;
    try {
      ledger.endRun({ outcome, sent, skipped, bytes }, !interruption.isStopped);
    } catch (error) {
      if (interruption.reason?.outcome !== "failed") throw error;
    }
  }

  #report(outcome: ImportOutcome, milliseconds: number): ImportReport {
    const { counters, refusals, interruption } = this.#context;
    const failure = failureOf(outcome, {
      reason: interruption.reason,
      refusals: refusals.all,
      done: counters.skipped + counters.acknowledged,
      total: this.#total,
    });
    return {
      outcome,
      ...(failure && { failure }),
      ...(outcome === "quota" && { resumeAt: nextQuotaDay(Date.now()) }),
      ...counters,
      total: this.#total,
      milliseconds,
      refusals: refusals.all,
    };
  }
}

function requireSameTarget({ namespace, embedding }: MigrationTarget, { identity, path }: Ledger): void {
  if (identity.namespace === namespace && identity.embedding === embedding) return;
  throw new UsageError(
    `The ledger ${path} belongs to namespace ${quoted(identity.namespace)} with embedding ${identity.embedding}; the target is ${quoted(namespace)} with ${embedding}.`,
  );
}

function requireFit(
  description: SourceDescription,
  info: StoreInfo,
  { namespace, embedding, store }: MigrationTarget,
  ledger: Ledger,
): void {
  const { dimension } = description;
  if (embedding === "carried" && info.type !== "SPARSE" && dimension > 0 && dimension !== info.dimension) {
    throw new IndexMismatchError(
      `The vectors of the source have ${counted(dimension, "dimension")}; the ${store.name} index has ${info.dimension}.`,
      {
        hint: `Create an index of ${dimension} dimensions, or let the target embed the texts with --embed target.`,
      },
    );
  }
  const { acknowledged } = ledger.summary();
  if (acknowledged.records > 0 && (info.namespaces[namespace] ?? 0) === 0) {
    throw new IndexMismatchError(
      `According to the ledger ${ledger.path}, ${counted(acknowledged.records, "record")} are in the target, but ${namespaceName(namespace)} is empty.`,
      {
        hint: "Check that this is the right index. If it was emptied, remove the directory of the ledger to start again.",
      },
    );
  }
}
