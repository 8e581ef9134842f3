import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StoreRecord } from "../../store/document.ts";
import { keyText } from "../rules/protocol.ts";
import { type ComparisonOptions, compareKeys, comparePage, type PageComparison } from "./compare-stores.ts";

export type SampleWalkOptions = Pick<ComparisonOptions, "stores" | "pending" | "signal" | "settleMs">;

interface Page {
  readonly namespace: string;
  readonly records: readonly StoreRecord[];
}

const nothingCompared: PageComparison = { checked: 0, pending: 0, found: [] };

/**
 * Compares both stores a few records at a time, and goes on where the last comparison stopped: a large collection is
 * read once in a while and not from the beginning for each sample.
 */
export class SampleWalk {
  readonly #options: SampleWalkOptions;
  #pages: AsyncGenerator<Page> | undefined;
  #leader: Side | undefined;

  constructor(options: SampleWalkOptions) {
    this.#options = options;
  }

  /**
   * Compares the next `size` records of the leader, or those up to the end of the collection, and these keys. A size
   * of 0 compares only the keys.
   * @throws {ServiceError | StorageError} if a store cannot be read; the next walk begins at the first record
   */
  async next(leader: Side, size: number, keys: readonly RecordKey[] = []): Promise<PageComparison> {
    const byText = new Map(keys.map((key) => [keyText(key), key]));
    // Each may have to wait for records that are being written, and one wait is enough.
    const [named, page] = await Promise.all([
      compareKeys({ ...this.#options, leader }, [...byText.values()]),
      size === 0 ? nothingCompared : this.#nextPage(leader, size),
    ]);
    return {
      checked: named.checked + page.checked,
      pending: named.pending + page.pending,
      found: [...named.found, ...page.found.filter((difference) => !byText.has(keyText(difference)))],
    };
  }

  async #nextPage(leader: Side, size: number): Promise<PageComparison> {
    if (leader !== this.#leader) this.#pages = undefined;
    this.#leader = leader;
    this.#pages ??= this.#walk(leader, size);
    try {
      let page = await this.#pages.next();
      if (page.done) {
        this.#pages = this.#walk(leader, size);
        page = await this.#pages.next();
      }
      if (page.done) return nothingCompared;
      const { namespace, records } = page.value;
      return await comparePage({ ...this.#options, leader }, namespace, records);
    } catch (error) {
      this.#pages = undefined;
      throw error;
    }
  }

  async *#walk(leader: Side, pageSize: number): AsyncGenerator<Page> {
    const store = this.#options.stores[leader];
    const call = this.#options.signal ? { signal: this.#options.signal } : {};
    for (const namespace of Object.keys((await store.info(call)).namespaces)) {
      for await (const records of store.range({ namespace, pageSize, ...call })) yield { namespace, records };
    }
  }
}
