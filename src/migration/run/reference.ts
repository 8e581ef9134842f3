import { Reservoir, seededRandom } from "../../foundation/random.ts";
import type { StoreRecord } from "../../store/document.ts";
import { DumpSource } from "../dump/index.ts";
import type { Omission } from "../omission.ts";
import type { RecordSource } from "../source.ts";
import type { Migration, OpenStore } from "./migration.ts";

/** Records that the target is asked about. */
const sampleSize = 1_000;

/**
 * The records that the target is asked about, and the source as a store that answers queries; each is read when it is
 * first needed. A run reads the dump that it has checked, so that the source is not read again.
 */
export class Reference {
  readonly #migration: Migration;
  readonly #signal: AbortSignal;
  readonly #checked: () => unknown;
  #records: Promise<RecordSource> | undefined;
  #scan: Promise<Scan> | undefined;
  #store: Promise<OpenStore> | undefined;

  /** @param checked the facts of the check phase, which name the dump; `undefined` outside a run */
  constructor(migration: Migration, signal: AbortSignal, checked: () => unknown = () => undefined) {
    this.#migration = migration;
    this.#signal = signal;
    this.#checked = checked;
  }

  /** Up to 1,000 records of the source, each as likely as any other, in random order. */
  async sample(): Promise<readonly StoreRecord[]> {
    return (await this.#scanned()).sample;
  }

  /**
   * Why the store of `store` cannot answer for the source; `undefined` if it can. Records without a vector, as those of
   * a Chroma directory without its HNSW folder, are not in an exact index: its results would lack them.
   */
  async obstacle(): Promise<string | undefined> {
    if (this.#migration.source.store) return undefined;
    const { recordCount, withoutVector } = await this.#scanned();
    if (withoutVector === 0) return undefined;
    const [missing, all] = [withoutVector.toLocaleString("en"), recordCount.toLocaleString("en")];
    return `${missing} of ${all} records of the source have no vector, so that no exact index can stand for it`;
  }

  /** Whether the source holds records that the migration leaves out: refused by the target, or unreadable. */
  async leavesRecordsOut(): Promise<boolean> {
    const { skipped } = await this.#migration.source.records.describe({ signal: this.#signal });
    return (skipped?.count ?? 0) > 0 || (await this.#scanned()).omittedCount > 0;
  }

  #scanned(): Promise<Scan> {
    this.#scan ??= this.#open().then((records) => scanOf(records, this.#signal));
    return this.#scan;
  }

  /** The source as a store: itself, or an exact index of its vectors if it is files. */
  store(): Promise<OpenStore> {
    const { source } = this.#migration;
    this.#store ??= source.store
      ? Promise.resolve({ ...source.store, close: async () => {} })
      : this.#open().then((records) => this.#migration.openReference(records, this.#signal));
    return this.#store;
  }

  #open(): Promise<RecordSource> {
    this.#records ??= this.#openRecords();
    return this.#records;
  }

  async #openRecords(): Promise<RecordSource> {
    const { wanted, dumpKey, withChanges } = this.#migration;
    const dump = this.#checked() as { readonly directory: string } | undefined;
    return dump ? await withChanges(DumpSource.open(dump.directory, dumpKey)) : wanted;
  }

  async close(): Promise<void> {
    // A failure to open was reported where it happened.
    const [store, records] = await Promise.all([
      this.#store?.catch(() => undefined),
      this.#records?.catch(() => undefined),
    ]);
    await store?.close();
    if (records !== this.#migration.wanted) await records?.close();
  }
}

/** Result of reading all records once. */
interface Scan {
  /** Shuffled, so that any part of the sample is a sample too. */
  readonly sample: readonly StoreRecord[];
  readonly recordCount: number;
  readonly withoutVector: number;
  /** Whole records that are left out on request. */
  readonly omittedCount: number;
}

async function scanOf(source: RecordSource, signal: AbortSignal): Promise<Scan> {
  const reservoir = new Reservoir<StoreRecord>(sampleSize);
  let recordCount = 0;
  let withoutVector = 0;
  let omittedCount = 0;
  const onOmission = ({ field }: Omission) => {
    if (field === undefined) omittedCount++;
  };
  for await (const batch of source.records({ signal, onOmission })) {
    for (const record of batch) {
      reservoir.offer(() => record);
      recordCount++;
      if (record.vector === undefined) withoutVector++;
    }
  }
  const { items } = reservoir;
  const random = seededRandom(1);
  for (let end = items.length - 1; end > 0; end--) {
    const place = Math.floor(random() * (end + 1));
    [items[end], items[place]] = [items[place] as StoreRecord, items[end] as StoreRecord];
  }
  return { sample: items, recordCount, withoutVector, omittedCount };
}
