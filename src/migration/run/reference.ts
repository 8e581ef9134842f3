import { Reservoir, seededRandom } from "../../foundation/random.ts";
import type { StoreRecord } from "../../store/document.ts";
import { DumpSource } from "../dump/index.ts";
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
  #sample: Promise<readonly StoreRecord[]> | undefined;
  #store: Promise<OpenStore> | undefined;

  /** @param checked the facts of the check phase, which name the dump; `undefined` outside a run */
  constructor(migration: Migration, signal: AbortSignal, checked: () => unknown = () => undefined) {
    this.#migration = migration;
    this.#signal = signal;
    this.#checked = checked;
  }

  /** Up to 1,000 records of the source, each as likely as any other, in random order. */
  sample(): Promise<readonly StoreRecord[]> {
    this.#sample ??= this.#open().then((records) => sampleOf(records, this.#signal));
    return this.#sample;
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
    const { wanted, dumpKey, withJoin } = this.#migration;
    const dump = this.#checked() as { readonly directory: string } | undefined;
    return dump ? await withJoin(DumpSource.open(dump.directory, dumpKey)) : wanted;
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

/** Shuffled, so that any part of the sample is a sample too. */
async function sampleOf(source: RecordSource, signal: AbortSignal): Promise<readonly StoreRecord[]> {
  const reservoir = new Reservoir<StoreRecord>(sampleSize);
  for await (const batch of source.records({ signal })) {
    for (const record of batch) reservoir.offer(() => record);
  }
  const { items } = reservoir;
  const random = seededRandom(1);
  for (let end = items.length - 1; end > 0; end--) {
    const place = Math.floor(random() * (end + 1));
    [items[end], items[place]] = [items[place] as StoreRecord, items[end] as StoreRecord];
  }
  return items;
}
