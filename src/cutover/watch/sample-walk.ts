import type { RecordKey, Side } from "../../state/cutover/rows.ts";
import type { StoreRecord } from "../../store/document.ts";
import { keyText } from "../rules/protocol.ts";
import { type ComparisonOptions, compareKeys, comparePage, type PageComparison } from "./compare-stores.ts";
import type { ComparisonResult } from "./integrity.ts";

export interface SampleWalkOptions
  extends Pick<ComparisonOptions, "stores" | "pending" | "signal" | "settleMs" | "comparesVectors"> {
  /** Milliseconds that the comparison of a page counts. */
  readonly integrityMs: number;
}

/** What a comparison is made of. */
export interface Sample {
  readonly leader: Side;
  /** The start of the cutover: pages that were compared under an earlier one do not count. */
  readonly startEpoch: number;
  /** Epoch milliseconds by the state store's clock. */
  readonly now: number;
  /** Records of the next page; 0: only the keys are compared. */
  readonly size: number;
  readonly keys?: readonly RecordKey[];
}

interface Page {
  readonly namespace: string;
  /** Its number in the namespace. */
  readonly place: number;
  readonly records: readonly StoreRecord[];
}

/** The comparison of a page. */
interface ComparedPage {
  readonly namespace: string;
  /** Records that were compared. */
  checked: number;
  readonly at: number;
  /** Those that were being written, by their text: they are compared later. */
  readonly late: Map<string, RecordKey>;
}

export interface WalkComparison extends Pick<ComparisonResult, "checked" | "total" | "missed"> {
  /** What this comparison found. */
  readonly found: PageComparison["found"];
}

/**
 * Compares both stores a few records at a time, and goes on where the last comparison stopped: a large collection is
 * read once in a while and not from the beginning for each sample. It takes one page of each namespace in turn.
 */
export class SampleWalk {
  readonly #options: SampleWalkOptions;
  #pages: AsyncGenerator<Page> | undefined;
  /** Who leads, and since which start. */
  #scope = "";
  /** By namespace and place; those that the present walk has not reached are of the walk before. */
  #compared = new Map<string, ComparedPage>();
  /** Pages that the present walk has reached. */
  #reached = new Set<string>();
  /** Of the leader, when the present walk began. */
  #counts: Readonly<Record<string, number>> = {};

  constructor(options: SampleWalkOptions) {
    this.#options = options;
  }

  /**
   * Compares the next page of the leader, or what is left of its namespace, and the keys of the sample.
   *
   * @returns records that were compared so far: each page counts once, by its last comparison
   * @throws {ServiceError | StorageError} if a store cannot be read; the next walk begins at the first record
   */
  async next({ leader, startEpoch, now, size, keys = [] }: Sample): Promise<WalkComparison> {
    const scope = `${leader} ${startEpoch}`;
    if (scope !== this.#scope) this.#forget();
    this.#scope = scope;
    const byText = new Map(keys.map((key) => [keyText(key), key]));
    // Each may have to wait for records that are being written, and one wait is enough.
    const [named, late, found] = await Promise.all([
      compareKeys({ ...this.#options, leader }, [...byText.values()]),
      size === 0 ? [] : this.#compareLate(leader, size),
      size === 0 ? [] : this.#nextPage(leader, size, now),
    ]);
    const current = [...this.#compared.values()].filter(({ at }) => now - at <= this.#options.integrityMs);
    // A page of which every record is being written was not compared.
    const seen = new Set(current.flatMap(({ namespace, checked }) => (checked > 0 ? namespace : [])));
    return {
      checked: current.reduce((sum, page) => sum + page.checked, 0),
      total: Object.values(this.#counts).reduce((sum, count) => sum + count, 0),
      missed: Object.entries(this.#counts).flatMap(([name, count]) =>
        count > 0 && !seen.has(name) ? name : [],
      ),
      // A record may be compared by its key, and with its page.
      found: [...new Map([...found, ...late, ...named.found].map((each) => [keyText(each), each])).values()],
    };
  }

  /** Compares records that were being written when their pages were compared. */
  async #compareLate(leader: Side, size: number): Promise<PageComparison["found"]> {
    const pages = [...this.#compared.values()];
    const keys = pages.flatMap(({ late }) => [...late.values()]).slice(0, size);
    const { pending, found } = await compareKeys({ ...this.#options, leader }, keys);
    const stillLate = new Set(pending.map(keyText));
    for (const key of keys) {
      const text = keyText(key);
      if (stillLate.has(text)) continue;
      for (const page of pages) if (page.late.delete(text)) page.checked++;
    }
    return found;
  }

  async #nextPage(leader: Side, size: number, now: number): Promise<PageComparison["found"]> {
    this.#pages ??= this.#walk(leader, size);
    try {
      let page = await this.#pages.next();
      if (page.done) {
        // The collection may have become shorter.
        for (const key of this.#compared.keys()) if (!this.#reached.has(key)) this.#compared.delete(key);
        this.#pages = this.#walk(leader, size);
        page = await this.#pages.next();
      }
      if (page.done) return [];
      const { namespace, place, records } = page.value;
      const { checked, pending, found } = await comparePage(
        // Vectors of whole pages would be megabytes every half a minute, in the processes that answer users.
        { ...this.#options, leader, comparesVectors: false },
        namespace,
        records,
      );
      const key = `${namespace}\0${place}`;
      this.#reached.add(key);
      const late = new Map(pending.map((each) => [keyText(each), each]));
      this.#compared.set(key, { namespace, checked, at: now, late });
      return found;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#pages = undefined;
    this.#compared.clear();
    this.#counts = {};
  }

  async *#walk(leader: Side, pageSize: number): AsyncGenerator<Page> {
    const store = this.#options.stores[leader];
    const call = this.#options.signal ? { signal: this.#options.signal } : {};
    this.#counts = (await store.info(call)).namespaces;
    this.#reached = new Set();
    let open = Object.keys(this.#counts).map((namespace) => ({
      namespace,
      place: 0,
      pages: store.range({ namespace, pageSize, ...call }),
    }));
    while (open.length > 0) {
      const ended = new Set<string>();
      for (const one of open) {
        const { done, value } = await one.pages.next();
        if (done) ended.add(one.namespace);
        else yield { namespace: one.namespace, place: one.place++, records: value };
      }
      open = open.filter(({ namespace }) => !ended.has(namespace));
    }
  }
}
