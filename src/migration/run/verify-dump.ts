import { CancelledError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { ContentSum, contentHash } from "../content-hash.ts";
import { type DumpKey, DumpSource } from "../dump/index.ts";
import { IdSet } from "../id-set.ts";
import type { RecordSource } from "../source.ts";
import { compareRecord } from "../verify/compare-record.ts";
import { DifferenceLog } from "../verify/difference-log.ts";
import type { VerifyEvent, VerifyReport } from "../verify/index.ts";
import { SourceWatch } from "../verify/source-watch.ts";

export interface VerifyDumpOptions extends CallOptions {
  /** What the dump is to hold. */
  readonly source: RecordSource;
  readonly directory: string;
  readonly key?: DumpKey;
  /** Where every difference is written, one JSON object a line. Default: nowhere. */
  readonly differencesFile?: string;
  readonly onEvent?: (event: VerifyEvent) => void;
}

const differencesTold = 100;

/** A dump has every component as the source gave it. */
const rules = { embedding: "carried", index: { type: "DENSE", dimension: 0 }, vectorTolerance: 0 } as const;

/**
 * Compares every record of a source with a dump, and every record of the dump with the source: nothing is sampled.
 * Both are read once, side by side, since a dump is written in the order of its source. Memory holds a batch of
 * each and 32 to 64 bytes an id; where the order has changed, also the records that still wait for their partner.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {UsageError} for an encrypted dump without its key
 * @throws {ServiceError | StorageError | DataError} when either side cannot be read
 */
export async function verifyDump(options: VerifyDumpOptions): Promise<VerifyReport> {
  const { source, directory, key, differencesFile, onEvent = () => {} } = options;
  const dump = DumpSource.open(directory, key);
  const log = await DifferenceLog.open({
    told: differencesTold,
    file: differencesFile,
    onDifference: (difference) => onEvent({ type: "verify-mismatch", difference }),
  });
  try {
    const report = await new SideBySide(source, dump, log, options).report();
    await log.complete();
    return report;
  } finally {
    await log.close();
    await dump.close();
  }
}

/** Two sources that are read at the same pace. */
class SideBySide {
  readonly #source: RecordSource;
  readonly #dump: DumpSource;
  readonly #log: DifferenceLog;
  readonly #options: VerifyDumpOptions;
  /** Records that one side has given and the other not yet. */
  readonly #waiting = { source: new Map<string, StoreRecord>(), dump: new Map<string, StoreRecord>() };
  readonly #sums = { source: new ContentSum(), dump: new ContentSum() };
  readonly #ids = new IdSet();
  #equalCount = 0;
  #dumpCount = 0;

  constructor(source: RecordSource, dump: DumpSource, log: DifferenceLog, options: VerifyDumpOptions) {
    this.#source = source;
    this.#dump = dump;
    this.#log = log;
    this.#options = options;
  }

  async report(): Promise<VerifyReport> {
    const { signal, differencesFile, onEvent = () => {} } = this.#options;
    const calling = signal ? { signal } : {};
    const startedAt = new Date();
    const watch = await SourceWatch.start(this.#source, calling);
    const { recordCount: total } = watch.description;
    const [expected, actual] = [this.#source.records(calling), this.#dump.records(calling)];
    try {
      for (let isMore = true; isMore; ) {
        if (signal?.aborted) throw new CancelledError();
        const [wanted, held] = [await expected.next(), await actual.next()];
        for (const record of wanted.done ? [] : wanted.value) this.#take(record);
        for (const record of held.done ? [] : held.value) this.#hold(record);
        if (!wanted.done) watch.readCount += wanted.value.length;
        await this.#log.flush();
        const done = watch.readCount;
        const differenceCount = this.#log.total;
        onEvent({ type: "verify-progress", phase: "records", done, total, differenceCount });
        isMore = !(wanted.done && held.done);
      }
    } finally {
      await expected.return(undefined);
      await actual.return(undefined);
    }
    this.#tellLeft();
    const sourceChange = await watch.change(calling);
    return {
      isIdentical: this.#log.total === 0 && sourceChange === undefined,
      source: {
        name: this.#source.name,
        kind: watch.description.kind,
        collection: watch.description.collection,
        recordCount: watch.readCount,
      },
      target: { store: `dump ${this.#options.directory}`, namespace: "", recordCount: this.#dumpCount },
      embedding: "carried",
      hasTemplate: false,
      vectorTolerance: rules.vectorTolerance,
      equalCount: this.#equalCount,
      sourceChange,
      counts: this.#log.counts,
      differenceCount: this.#log.total,
      differences: this.#log.differences,
      differencesFile,
      contentHashes: { source: this.#sums.source.hex(), target: this.#sums.dump.hex() },
      startedAt: startedAt.toISOString(),
      milliseconds: Date.now() - startedAt.getTime(),
    };
  }

  #take(record: StoreRecord): void {
    const { id } = record;
    this.#sums.source.add(contentHash(record));
    if (!this.#ids.add(id)) {
      this.#log.add({
        kind: "duplicate-id",
        id,
        detail: "is in the source more than once; a target holds one",
      });
      return;
    }
    const partner = this.#waiting.dump.get(id);
    if (!partner) {
      this.#waiting.source.set(id, record);
      return;
    }
    this.#waiting.dump.delete(id);
    this.#compare(record, partner);
  }

  #hold(record: StoreRecord): void {
    const { id } = record;
    this.#dumpCount++;
    this.#sums.dump.add(contentHash(record));
    const partner = this.#waiting.source.get(id);
    if (!partner) {
      this.#waiting.dump.set(id, record);
      return;
    }
    this.#waiting.source.delete(id);
    this.#compare(partner, record);
  }

  #compare(expected: StoreRecord, actual: StoreRecord): void {
    const differences = compareRecord(expected, actual, rules);
    for (const difference of differences) this.#log.add({ ...difference, id: expected.id });
    if (differences.length === 0) this.#equalCount++;
  }

  #tellLeft(): void {
    for (const id of this.#waiting.source.keys()) {
      this.#log.add({ kind: "missing", id, detail: "is not in the target" });
    }
    for (const id of this.#waiting.dump.keys()) {
      this.#log.add({ kind: "extra", id, detail: "is in the target alone" });
    }
  }
}
