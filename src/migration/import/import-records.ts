import { setImmediate } from "node:timers/promises";
import { CancelledError, IndexMismatchError, RagfoodError, UsageError } from "../../foundation/errors.ts";
import { safeListener } from "../../foundation/safe-listener.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Ledger } from "../ledger/index.ts";
import type { RecordSource, SourceDescription } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import { type Block, cutBlocks } from "./block.ts";
import { Delivery, type DeliveryContext, type ImportCounters } from "./delivery.ts";
import type { ImportListener } from "./events.ts";
import { failureOf, nextQuotaDay } from "./failure.ts";
import { Gate } from "./gate.ts";
import { Interruption } from "./interruption.ts";
import { Pace } from "./pace.ts";
import { Progress } from "./progress.ts";
import { Refusals } from "./refusals.ts";
import type { ImportOutcome, ImportReport } from "./report.ts";
import { completeSettings, type ImportSettings } from "./settings.ts";

export interface ImportOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  /** Of a migration from this source to this target. */
  readonly ledger: Ledger;
  readonly settings?: Partial<ImportSettings>;
  /** Stops the import: what is under way ends, within `drainMs`. */
  readonly signal?: AbortSignal;
  /** Aborts it: what is under way is given up. */
  readonly abortSignal?: AbortSignal;
  readonly onEvent?: ImportListener;
}

/**
 * Brings every record of a source into the target that the ledger does not know to be there, and notes it
 * there once the target has acknowledged it. Run again, after whatever ended it or after the source has
 * changed, it sends what is missing and what is new. Records that the source no longer has stay in the target;
 * the verification finds them.
 *
 * What goes wrong on the way is in the report, with all that was done; nothing acknowledged is lost by it.
 * Memory is bounded by `maximumBlocks`, whatever the count of records.
 *
 * @throws {UsageError} for settings out of range, or a ledger of another target
 * @throws {IndexMismatchError} where the target cannot take the vectors of the source, or was emptied
 * @throws {RagfoodError} where source, target or ledger cannot be asked at the beginning; nothing was sent
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
}

/** Records a read of the source. */
const readBatch = 500;

/** A source or a target that works in this process leaves none to signals and to the ledger's signs of life. */
const turn = (): Promise<void> => setImmediate();

class Import {
  readonly #source: RecordSource;
  readonly #total: number;
  readonly #context: DeliveryContext;
  readonly #underWay = new Set<Promise<void>>();
  /** Blocks that were read and are not yet acknowledged: being sent, or in `#pending`. */
  readonly #held = { blocks: 0, bytes: 0 };
  #pending: Block[] = [];
  #unforeseen: { readonly error: unknown } | undefined;

  constructor({ description, info, source, ...parts }: ImportParts) {
    const { settings, interruption, emit } = parts;
    const pace = new Pace(settings);
    this.#source = source;
    this.#total = description.recordCount;
    this.#context = {
      ...parts,
      index: info,
      pace,
      gate: new Gate(pace, interruption),
      refusals: new Refusals(settings.maximumRefusals, interruption, emit),
      progress: new Progress(this.#total, emit),
      counters: { read: 0, skipped: 0, acknowledged: 0, sent: 0, bytes: 0, requests: 0, retries: 0 },
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
    await Promise.all(this.#underWay);
    if (this.#unforeseen) throw this.#unforeseen.error;
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
      signal: interruption.stopped,
    });
    for await (const block of cutBlocks(batches, includeVectors)) {
      if (interruption.isStopped) return;
      const records = block.records.length;
      counters.read += records;
      if (ledger.skip(block.hash)) {
        counters.skipped += records;
        emit({ type: "block-skip", records });
        progress.skip(records);
        await turn();
        continue;
      }
      this.#pending.push(block);
      this.#hold(block, 1);
      while (this.#isBatchFull() && !interruption.isStopped) await this.#dispatch();
      // Room for the next block, before it is read.
      while (this.#isMemoryFull(settings) && !interruption.isStopped) {
        await (this.#pending.length > 0 ? this.#dispatch() : this.#anyEnd());
      }
    }
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

  /** Sends the next batch as soon as there is room for one. */
  async #dispatch(): Promise<void> {
    const { pace, interruption } = this.#context;
    while (this.#underWay.size >= pace.concurrency) await this.#anyEnd();
    if (interruption.isStopped) return;
    const blocks = this.#takeBatch();
    const delivery = new Delivery(this.#context, blocks)
      .run()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#underWay.delete(delivery);
        for (const block of blocks) this.#hold(block, -1);
      });
    this.#underWay.add(delivery);
    await turn();
  }

  /** As many of the pending blocks as one request takes, one at least. */
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
    return Promise.race(this.#underWay);
  }

  #fail(error: unknown): void {
    const { interruption } = this.#context;
    if (error instanceof CancelledError) interruption.stop({ outcome: "cancelled" });
    else if (error instanceof RagfoodError) interruption.stop({ outcome: "failed", failure: error });
    else {
      this.#unforeseen ??= { error };
      interruption.stop({ outcome: "failed" });
    }
  }

  #outcome(): ImportOutcome {
    const { interruption, refusals } = this.#context;
    return interruption.reason?.outcome ?? (refusals.all.length > 0 ? "refused" : "complete");
  }

  /** The ledger may be what failed; then it has nothing to add. */
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
    `The ledger ${path} is of namespace ${JSON.stringify(identity.namespace)} with embedding ${identity.embedding}; the target is ${JSON.stringify(namespace)} with ${embedding}.`,
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
      `The vectors of the source have ${dimension} components; the index of ${store.name} has ${info.dimension}.`,
      { hint: "Make an index of that dimension, or have the target embed the texts." },
    );
  }
  const { acknowledged } = ledger.summary();
  if (acknowledged.records > 0 && (info.namespaces[namespace] ?? 0) === 0) {
    throw new IndexMismatchError(
      `By the ledger ${ledger.path}, ${acknowledged.records} records are in the target; its namespace ${JSON.stringify(namespace)} is empty.`,
      {
        hint: "Check that this is the right index. If it was emptied, remove the ledger's directory to start over.",
      },
    );
  }
}
