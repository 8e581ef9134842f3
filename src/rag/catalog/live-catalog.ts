import type { StoreRecord } from "../../store/document.ts";
import { CatalogBuilder } from "./builder.ts";
import type { Catalog } from "./catalog.ts";

/** Characters of all records that are kept; a record counts as at least `fewestCharacters`. */
const mostCharacters = 16_000_000;
const fewestCharacters = 500;

/** A catalog that follows its records: it keeps them to take back what an earlier one counted. */
export class LiveCatalog {
  readonly #builder = new CatalogBuilder();
  readonly #records = new Map<string, StoreRecord>();
  #characters = 0;

  /** Whether `replace` is possible; otherwise the catalog has to be made again. */
  get isLive(): boolean {
    return this.#characters <= mostCharacters && this.#builder.isExact;
  }

  /** @param record not added before */
  add(record: StoreRecord): void {
    this.#builder.add(record);
    this.#characters += charactersOf(record);
    if (this.#characters <= mostCharacters) this.#records.set(record.id, withoutVectors(record));
    else this.#records.clear();
  }

  /** @param record `undefined` if it does not exist any more */
  replace(id: string, record: StoreRecord | undefined): void {
    const earlier = this.#records.get(id);
    if (earlier !== undefined) {
      this.#builder.remove(earlier);
      this.#characters -= charactersOf(earlier);
      this.#records.delete(id);
    }
    if (record !== undefined) this.add(record);
  }

  build(isPartial = false): Catalog {
    return this.#builder.build(isPartial);
  }
}

function withoutVectors({ id, text, metadata }: StoreRecord): StoreRecord {
  return { id, ...(text !== undefined && { text }), ...(metadata && { metadata }) };
}

function charactersOf({ text = "", metadata = {} }: StoreRecord): number {
  const { original_text: original } = metadata;
  return fewestCharacters + text.length + (typeof original === "string" ? original.length : 0);
}
