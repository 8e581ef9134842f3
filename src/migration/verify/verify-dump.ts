import { CancelledError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { ContentSum } from "../content-hash.ts";
import { type DumpKey, DumpSource } from "../dump/index.ts";
import { IdSet } from "../id-set.ts";
import type { Alteration, Omission } from "../omission.ts";
import type { RecordSource } from "../source.ts";
import { compareRecord } from "./compare-record.ts";
import { altered, omitted } from "./difference.ts";
import { DifferenceLog } from "./difference-log.ts";
import type { VerifyReport } from "./report.ts";
import type { VerifyEvent } from "./settings.ts";
import { SourceWatch } from "./source-watch.ts";
import { duplicate, extra, hashOf, verdictOf } from "./verify.ts";

export interface VerifyDumpOptions extends CallOptions {
  /** What the dump has to hold. */
  readonly source: RecordSource;
  readonly directory: string;
  readonly key?: DumpKey;
  /** A file for every difference, one JSON object a line. Default: none. */
  readonly differencesFile?: string;
  readonly onEvent?: (event: VerifyEvent) => void;
}

const maximumListed = 100;

/** A dump has every component exactly as the source gave it. */
const rules = { embedding: "carried", index: { type: "DENSE", dimension: 0 }, vectorTolerance: 0 } as const;

/**
 * Compares every record of a source with a dump, and every record of the dump with the source: nothing is sampled.
 * Both are read once, side by side, since a dump is written in the order of its source. Memory holds a batch of
 * each and 32 to 64 bytes for each id; if the order has changed, also the records that have no partner yet.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {UsageError} for an encrypted dump without its key
 * @throws {ServiceError | StorageError | DataError} if either side cannot be read
 */
export async function verifyDump(options: VerifyDumpOptions): Promise<VerifyReport> {
  const { source, directory, key, differencesFile, onEvent = () => {} } = options;
  const dump = DumpSource.open(directory, key);
  const log = await DifferenceLog.open({
    maximumListed,
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

type SideName = "source" | "dump";

/** Two sources that are read at the same pace. */
class SideBySide {
  readonly #sources: Readonly<Record<SideName, RecordSource>>;
  readonly #log: DifferenceLog;
  readonly #options: VerifyDumpOptions;
  /** Records that one side has given and the other not yet. */
  readonly #waiting = { source: new Map<string, StoreRecord>(), dump: new Map<string, StoreRecord>() };
  readonly #sums = { source: new ContentSum(), dump: new ContentSum() };
  readonly #ids = new IdSet();
  /** Records that the source gives in another form, on request. */
  readonly #altered = new IdSet();
  #equalCount = 0;
  #dumpCount = 0;

  constructor(source: RecordSource, dump: DumpSource, log: DifferenceLog, options: VerifyDumpOptions) {
    this.#sources = { source, dump };
    this.#log = log;
    this.#options = options;
  }

  async report(): Promise<VerifyReport> {
    const { signal, differencesFile } = this.#options;
    const calling = { signal };
    const startedAt = new Date();
    const started = performance.now();
    const watch = await SourceWatch.start(this.#sources.source, calling);
    await this.#read(watch, calling);
    for (const id of this.#waiting.source.keys()) {
      this.#log.add({ kind: "missing", id, detail: "is not in the target" });
    }
    for (const id of this.#waiting.dump.keys()) this.#log.add(extra(id));
    const sourceChange = await watch.change(calling);
    return {
      ...verdictOf(this.#log, sourceChange),
      source: watch.summary(),
      target: { store: `dump ${this.#options.directory}`, namespace: "", recordCount: this.#dumpCount },
      embedding: "carried",
      hasTemplate: false,
      vectorTolerance: rules.vectorTolerance,
      equalCount: this.#equalCount,
      differencesFile,
      contentHashes: { source: this.#sums.source.hex(), target: this.#sums.dump.hex() },
      startedAt: startedAt.toISOString(),
      milliseconds: performance.now() - started,
    };
  }

  async #read(watch: SourceWatch, calling: CallOptions): Promise<void> {
    const { onEvent = () => {} } = this.#options;
    const { source, dump } = this.#sources;
    const onOmission = (omission: Omission) => this.#log.add(omitted(omission));
    const onAlteration = (alteration: Alteration) => {
      this.#altered.add(alteration.id);
      this.#log.add(altered(alteration));
    };
    const [expected, actual] = [
      source.records({ ...calling, onOmission, onAlteration }),
      dump.records(calling),
    ];
    try {
      for (let isMore = true; isMore; ) {
        if (calling.signal?.aborted) throw new CancelledError();
        const [wanted, held] = [await expected.next(), await actual.next()];
        for (const record of wanted.done ? [] : wanted.value) this.#take(record);
        for (const record of held.done ? [] : held.value) this.#hold(record);
        await this.#log.flush();
        onEvent(watch.read(wanted.done ? 0 : wanted.value.length, this.#log.total));
        isMore = !(wanted.done && held.done);
      }
    } finally {
      await expected.return(undefined);
      await actual.return(undefined);
    }
  }

  #take(record: StoreRecord): void {
    this.#sums.source.add(hashOf(record));
    if (this.#ids.add(record.id)) this.#match(record, "source");
    else this.#log.add(duplicate(record.id));
  }

  #hold(record: StoreRecord): void {
    this.#dumpCount++;
    this.#sums.dump.add(hashOf(record));
    this.#match(record, "dump");
  }

  #match(record: StoreRecord, side: SideName): void {
    const { id } = record;
    const others = this.#waiting[side === "source" ? "dump" : "source"];
    const partner = others.get(id);
    if (!partner) {
      this.#waiting[side].set(id, record);
      return;
    }
    others.delete(id);
    const [expected, actual] = side === "source" ? [record, partner] : [partner, record];
    const differences = compareRecord(expected, actual, rules);
    for (const difference of differences) this.#log.add({ ...difference, id });
    if (differences.length === 0 && !this.#altered.has(id)) this.#equalCount++;
  }
}
