import { wordInText } from "../../embedding/fold.ts";
import { foldWord, isStopWord, stem, tokenize } from "../../embedding/tokenizer.ts";
import { isUnspaced } from "../../embedding/unspaced.ts";
import { generalType, unknownRegion } from "../../foods/food.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";
import type { Catalog } from "./catalog.ts";
import { FacetBuilder } from "./facets.ts";
import { namesOf } from "./names.ts";
import { numberOfRole, roleOf, textsOf } from "./roles.ts";

/** Roles whose values are single terms; the others hold prose. */
const valueRoles = new Set<FieldRole>([
  "region",
  "continent",
  "type",
  "ingredients",
  "allergens",
  "mayContain",
  "diet",
  "alcohol",
  "season",
  "meal",
  "occasion",
]);

/** Distinct values that one field keeps. */
const mostValues = 20_000;

/** Longer values are prose. */
const longestValue = 80;

/** Texts whose words are counted; the statistics of more would not differ. */
const mostTexts = 20_000;

const hasDigit = /\d/;

interface FieldTally {
  readonly role: FieldRole;
  recordCount: number;
  listCount: number;
  readonly values: Map<string, number>;
}

/** Collects a catalog from records, one at a time. */
export class CatalogBuilder {
  #recordCount = 0;
  readonly #fields = new Map<string, FieldTally>();
  readonly #facets = new FacetBuilder();
  readonly #names: [string, string][] = [];
  readonly #frequencies = new Map<string, number>();
  readonly #spellings = new Map<string, number>();
  readonly #energies: [string, number][] = [];
  /** Folding and stemming a word takes longer than looking it up. */
  readonly #known = new Map<string, { plain: string; terms: readonly string[] } | undefined>();

  add(record: StoreRecord): void {
    this.#recordCount++;
    const { original_text: original, ...metadata } = record.metadata ?? {};
    this.#facets.add(metadata);
    for (const name of namesOf(record)) this.#names.push([name, record.id]);
    const energy = numberOfRole(metadata, "energy");
    if (energy !== undefined) this.#energies.push([record.id, energy]);
    const texts = [typeof original === "string" ? original : (record.text ?? "")];
    for (const [field, value] of Object.entries(metadata)) {
      if (value === null || value === undefined) continue;
      const role = roleOf(field);
      // What a food without the field counts as says nothing.
      const isDefault = value === unknownRegion || value === generalType;
      if (role !== undefined && !isDefault) this.#countField(field, role, value);
      texts.push(...textsOf(value));
    }
    if (this.#recordCount <= mostTexts) this.#countWords(texts);
  }

  #countField(field: string, role: FieldRole, value: unknown): void {
    let tally = this.#fields.get(field);
    if (tally === undefined) {
      tally = { role, recordCount: 0, listCount: 0, values: new Map() };
      this.#fields.set(field, tally);
    }
    tally.recordCount++;
    if (Array.isArray(value)) tally.listCount++;
    if (!valueRoles.has(role)) return;
    for (const text of textsOf(value)) {
      if (text.length > longestValue) continue;
      if (tally.values.size < mostValues || tally.values.has(text)) {
        tally.values.set(text, (tally.values.get(text) ?? 0) + 1);
      }
    }
  }

  #countWords(texts: readonly string[]): void {
    const stems = new Set<string>();
    for (const text of texts) {
      for (const [token] of text.matchAll(wordInText)) {
        const known = this.#read(token);
        if (known === undefined) continue;
        if (!hasDigit.test(known.plain))
          this.#spellings.set(known.plain, (this.#spellings.get(known.plain) ?? 0) + 1);
        for (const term of known.terms) stems.add(term);
      }
    }
    for (const each of stems) this.#frequencies.set(each, (this.#frequencies.get(each) ?? 0) + 1);
  }

  #read(token: string): { plain: string; terms: readonly string[] } | undefined {
    if (this.#known.has(token)) return this.#known.get(token);
    const plain = foldWord(token);
    // A run of a script without blanks has several terms.
    const terms = isUnspaced(plain) ? tokenize(plain) : [stem(plain)];
    const read = isStopWord(token) ? undefined : { plain, terms };
    this.#known.set(token, read);
    return read;
  }

  /** @param isPartial whether there are more records than were added */
  build(isPartial = false): Catalog {
    const counted = Math.min(this.#recordCount, mostTexts);
    const scale = counted === 0 ? 1 : this.#recordCount / counted;
    if (scale > 1) {
      for (const [each, count] of this.#frequencies) this.#frequencies.set(each, Math.round(count * scale));
    }
    return {
      recordCount: this.#recordCount,
      isPartial,
      fields: [...this.#fields].map(([field, { role, recordCount, listCount, values }]) => ({
        field,
        role,
        recordCount,
        isList: listCount * 2 > recordCount,
        values: [...values].sort((left, right) => right[1] - left[1]),
      })),
      facets: this.#facets.build(),
      names: this.#names,
      frequencies: this.#frequencies,
      spellings: this.#spellings,
      energies: this.#energies,
    };
  }
}
