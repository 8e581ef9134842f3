import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StoreRecord } from "../../store/document.ts";
import { keyText } from "../rules/protocol.ts";
import { type ComparisonOptions, compareKeys, comparePage, type PageComparison } from "./compare-stores.ts";

export type SampleWalkOptions = Pick<ComparisonOptions, "stores" | "pending" | "signal" | "settleMs">;

interface Page {
  readonly namespace: string;
  readonly records: readonly StoreRecord[];
}

export interface WalkComparison {
  /** Records that were compared so far: each page of the collection counts once, by its last comparison. */
  readonly checked: number;
  /** Records of the leader when the present walk began. */
  readonly total: number;
  /** What this comparison found. */
  readonly found: PageComparison["found"];
}

/**
 * Compares both stores a few records at a time, and goes on where the last comparison stopped: a large collection is
 * read once in a while and not from the beginning for each sample.
 */
export class SampleWalk {
  readonly #options: SampleWalkOptions;
  #pages: AsyncGenerator<Page> | undefined;
  #leader: Side | undefined;
  /** Records that were compared, by the place of their page; those beyond the present one are of the walk before. */
  #compared: number[] = [];
  #place = 0;
  #total = 0;

  constructor(options: SampleWalkOptions) {
    this.#options = options;
  }

  /**
   * Compares the next `size` records of the leader, or those up to the end of the collection, and these keys. A size
   * of 0 compares only the keys.
   * @throws {ServiceError | StorageError} if a store cannot be read; the next walk begins at the first record
   */
  async next(leader: Side, size: number, keys: readonly RecordKey[] = []): Promise<WalkComparison> {
    const byText = new Map(keys.map((key) => [keyText(key), key]));
    // Each may have to wait for records that are being written, and one wait is enough.
    const [named, found] = await Promise.all([
      compareKeys({ ...this.#options, leader }, [...byText.values()]),
      size === 0 ? [] : this.#nextPage(leader, size),
    ]);
    return {
      checked: this.#compared.reduce((sum, count) => sum + count, 0),
      total: this.#total,
      found: [...named.found, ...found.filter((difference) => !byText.has(keyText(difference)))],
    };
  }

  async #nextPage(leader: Side, size: number): Promise<PageComparison["found"]> {
    if (leader !== this.#leader) this.#forget();
    this.#leader = leader;
    this.#pages ??= this.#walk(leader, size);
    try {
      let page = await this.#pages.next();
      if (page.done) {
        // The collection may have become shorter.
        this.#compared.length = this.#place;
        this.#pages = this.#walk(leader, size);
        page = await this.#pages.next();
      }
      if (page.done) return [];
      const { namespace, records } = page.value;
      const { checked, found } = await comparePage({ ...this.#options, leader }, namespace, records);
      this.#compared[this.#place++] = checked;
      return found;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#pages = undefined;
    this.#compared = [];
  }

  async *#walk(leader: Side, pageSize: number): AsyncGenerator<Page> {
    const store = this.#options.stores[leader];
    const call = this.#options.signal ? { signal: this.#options.signal } : {};
    const { namespaces, recordCount } = await store.info(call);
    this.#total = recordCount;
    this.#place = 0;
    for (const namespace of Object.keys(namespaces)) {
      for await (const records of store.range({ namespace, pageSize, ...call })) yield { namespace, records };
    }
  }
}
