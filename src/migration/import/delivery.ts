import { InvalidRequestError, QuotaError, RagfoodError, ServiceError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { Ledger } from "../ledger/index.ts";
import type { ProgressMeter } from "../progress-meter.ts";
import { recordProblems, type TargetIndex } from "../record-problems.ts";
import type { MigrationTarget } from "../target.ts";
import { halved, writeRecords } from "../write.ts";
import type { Block, BlockRecord } from "./block.ts";
import type { ImportListener } from "./events.ts";
import type { Gate } from "./gate.ts";
import type { Interruption } from "./interruption.ts";
import type { Pace } from "./pace.ts";
import type { Refusals } from "./refusals.ts";
import type { ImportSettings } from "./settings.ts";

/** Parts that the deliveries of one import share. */
export interface DeliveryContext {
  readonly target: MigrationTarget;
  readonly index: TargetIndex;
  readonly ledger: Ledger;
  readonly settings: ImportSettings;
  readonly pace: Pace;
  readonly gate: Gate;
  readonly interruption: Interruption;
  /** Takes records that the target refuses, which the user asked to leave out; absent if that is a failure. */
  readonly omit: ((record: StoreRecord, reason: string) => void) | undefined;
  readonly refusals: Refusals;
  readonly progress: ProgressMeter;
  /** Number of records that the source counts. */
  readonly total: number;
  readonly counters: ImportCounters;
  readonly emit: ImportListener;
}

export interface ImportCounters {
  read: number;
  skipped: number;
  acknowledged: number;
  sent: number;
  bytes: number;
  requests: number;
  retries: number;
  omittedRecords: number;
  omittedFields: number;
}

interface Coded {
  readonly code: string;
}

/** Writes a few blocks to the target, with one request or with several. */
export class Delivery {
  readonly #context: DeliveryContext;
  #unacknowledged: readonly Block[];
  readonly #stored = new Set<BlockRecord>();
  /** Requests that are still to be sent; the last one is sent first. */
  readonly #parts: BlockRecord[][] = [];
  /** Number of failures since the last success. */
  #failures = 0;

  constructor(context: DeliveryContext, blocks: readonly Block[]) {
    this.#context = context;
    this.#unacknowledged = blocks;
  }

  /** Sends all records that the target takes; interruption and refusals record why others were not sent. */
  async run(): Promise<void> {
    const { gate } = this.#context;
    this.#push(this.#sendable());
    while (this.#parts.length > 0 && (await gate.enter())) {
      try {
        await this.#send(this.#parts.pop() as BlockRecord[]);
      } finally {
        gate.leave();
      }
    }
  }

  /** Records the blocks in the ledger, and refuses records that the target cannot hold. */
  #sendable(): BlockRecord[] {
    const { ledger, target, index, refusals } = this.#context;
    const limits = { holder: "index", index, embedding: target.embedding } as const;
    const repeated = ledger.begin(
      this.#unacknowledged.map(({ hash, records, bytes }) => ({
        hash,
        bytes,
        keys: records.map(({ key }) => key),
      })),
    );
    return this.#unacknowledged.flatMap(({ records }, number) => {
      const again = new Set([...(repeated[number] ?? []), ...repeatedPlaces(records)]);
      return records.filter(({ record }, place) => {
        const problem = again.has(place)
          ? "the source has the id twice"
          : recordProblems(record, limits)[0]?.message;
        if (problem !== undefined) refusals.add({ id: record.id, problem });
        return problem === undefined;
      });
    });
  }

  /** Cuts records into requests of the current size; the first one is sent first. */
  #push(records: readonly BlockRecord[]): void {
    const { batchSize, byteLimit } = this.#context.pace;
    const parts: BlockRecord[][] = [];
    let bytes = 0;
    for (const record of records) {
      const part = parts.at(-1);
      if (part === undefined || part.length >= batchSize || bytes + record.bytes > byteLimit) {
        parts.push([record]);
        bytes = record.bytes;
      } else {
        part.push(record);
        bytes += record.bytes;
      }
    }
    this.#parts.push(...parts.reverse());
  }

  async #send(part: readonly BlockRecord[]): Promise<void> {
    const { target, interruption, pace, counters, emit } = this.#context;
    const startedAt = performance.now();
    counters.requests++;
    counters.sent += part.length;
    try {
      await writeRecords(
        target,
        part.map(({ record }) => record),
        { signal: interruption.aborted },
      );
    } catch (error) {
      this.#react(error, part, startedAt);
      return;
    }
    const milliseconds = performance.now() - startedAt;
    this.#failures = 0;
    this.#acknowledge(part);
    pace.succeed(part.length, milliseconds);
    const { batchSize, concurrency } = pace;
    emit({ type: "batch-end", records: part.length, milliseconds, batchSize, concurrency });
  }

  #react(error: unknown, part: readonly BlockRecord[], startedAt: number): void {
    const { interruption } = this.#context;
    if (interruption.aborted.aborted) return;
    if (error instanceof InvalidRequestError) this.#isolate(error, part);
    else if (error instanceof QuotaError) interruption.stop({ outcome: "quota", failure: error });
    else if (error instanceof ServiceError && error.isRetryable) this.#sendAgain(error, part, startedAt);
    else if (error instanceof RagfoodError) interruption.stop({ outcome: "failed", failure: error });
    else throw error;
  }

  #sendAgain(error: ServiceError & Coded, part: readonly BlockRecord[], startedAt: number): void {
    const { interruption, pace, settings } = this.#context;
    pace.fail(error, startedAt);
    // Other requests may succeed meanwhile: one that always fails has to end the import too.
    this.#failures++;
    if (Math.max(pace.failuresInRow, this.#failures) > settings.maximumFailures) {
      interruption.stop({ outcome: "failed", failure: error });
      return;
    }
    this.#push(part);
    this.#noteRetry(error, part);
  }

  /** Halves a refused request until only the refused record is left. */
  #isolate(error: InvalidRequestError, part: readonly BlockRecord[]): void {
    const { pace, refusals, omit } = this.#context;
    const halves = halved(part);
    if (halves === undefined) {
      for (const { record } of part) {
        omit?.(record, error.message);
        refusals.add({ id: record.id, problem: error.message }, omit !== undefined);
      }
      return;
    }
    if (isTooLarge(error)) pace.refuseSize(part.length, bytesOf(part));
    this.#push(halves[1]);
    this.#push(halves[0]);
    this.#noteRetry(error, part);
  }

  #noteRetry(error: ServiceError & Coded, part: readonly BlockRecord[]): void {
    const { pace, counters, emit, settings } = this.#context;
    const { waitMs, batchSize, concurrency, failuresInRow } = pace;
    const { maximumFailures } = settings;
    counters.retries++;
    emit({
      type: "batch-retry",
      records: part.length,
      error: error.code,
      message: error.message,
      failuresInRow: Math.max(failuresInRow, this.#failures),
      ...{ maximumFailures, waitMs, batchSize, concurrency },
    });
  }

  /** Records what was stored, and in the ledger the blocks that are complete now. */
  #acknowledge(part: readonly BlockRecord[]): void {
    const { ledger, counters, progress, total } = this.#context;
    for (const record of part) this.#stored.add(record);
    const isStored = ({ records }: Block) => records.every((record) => this.#stored.has(record));
    const stored = this.#unacknowledged.filter(isStored);
    this.#unacknowledged = this.#unacknowledged.filter((block) => !stored.includes(block));
    if (stored.length > 0) ledger.acknowledge(stored.map(({ hash }) => hash));
    counters.acknowledged += part.length;
    counters.bytes += bytesOf(part);
    progress.update(counters.skipped + counters.acknowledged, total);
  }
}

/** Places of records with the id of an earlier record of the same block. */
function repeatedPlaces(records: readonly BlockRecord[]): number[] {
  const ids = new Set<string>();
  return records.flatMap(({ record: { id } }, place) => (ids.size === ids.add(id).size ? [place] : []));
}

function isTooLarge(error: InvalidRequestError): boolean {
  return error.status === 413 || /\b(request|body|payload)\b.*\btoo large\b/i.test(error.message);
}

function bytesOf(records: readonly BlockRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0);
}
