import { wordInText } from "../../embedding/fold.ts";
import { foldWord, isStopWord, stem, tokenize } from "../../embedding/tokenizer.ts";
import { isUnspaced } from "../../embedding/unspaced.ts";
import { withoutPlaceholders } from "../../foods/food.ts";
import type { Metadata, StoreRecord } from "../../store/document.ts";
import { toFoodRecord, wordsOfRecord } from "../source.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";
import type { Catalog } from "./catalog.ts";
import { FacetBuilder } from "./facets.ts";
import { namesOf } from "./names.ts";
import { roleOf, textsOf } from "./roles.ts";
import { ValueCounts } from "./value-counts.ts";

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

/** Fields whose numbers are kept. */
const mostNumberFields = 16;

/** Longer values are prose. */
const longestValue = 80;

/** Texts whose words are counted; the statistics of more would not differ. */
const mostTexts = 20_000;

const hasDigit = /\d/;

/** Collects a catalog from records, one at a time. */
export class CatalogBuilder {
  #recordCount = 0;
  readonly #fields = new Map<string, { readonly role: FieldRole; readonly counts: ValueCounts<string> }>();
  readonly #facets = new FacetBuilder();
  #names: [string, string][] = [];
  readonly #frequencies = new Map<string, number>();
  readonly #spellings = new Map<string, number>();
  readonly #numbers = new Map<string, [string, number][]>();
  #hasMoreNumbers = false;
  #isExact = true;
  /** Folding and stemming a word takes longer than looking it up. */
  readonly #known = new Map<string, { plain: string; terms: readonly string[] } | undefined>();

  /** Whether `build` makes what it would make of the records that are left, also after `remove`. */
  get isExact(): boolean {
    return this.#isExact && this.#facets.isExact;
  }

  add(record: StoreRecord): void {
    this.#recordCount++;
    const metadata = withoutPlaceholders(toFoodRecord(record).metadata);
    this.#facets.add(metadata);
    for (const name of namesOf(record)) this.#names.push([name, record.id]);
    for (const [field, value] of Object.entries(metadata)) this.#addNumber(field, record.id, value);
    this.#countFields(metadata, 1);
    if (this.#recordCount <= mostTexts) this.#countWords(wordsOfRecord(record), 1);
  }

  /** Takes back what `add` counted for the same record. Check `isExact` afterwards. */
  remove(record: StoreRecord): void {
    // Of more records it is not known whose words were counted.
    const hasMoreValues = [...this.#fields.values()].some(({ counts }) => counts.hasMore);
    if (this.#recordCount > mostTexts || this.#hasMoreNumbers || hasMoreValues) this.#isExact = false;
    this.#recordCount--;
    const metadata = withoutPlaceholders(toFoodRecord(record).metadata);
    this.#facets.remove(metadata);
    this.#names = this.#names.filter(([, id]) => id !== record.id);
    for (const [field, values] of this.#numbers) {
      const left = values.filter(([id]) => id !== record.id);
      if (left.length > 0) this.#numbers.set(field, left);
      else this.#numbers.delete(field);
    }
    this.#countFields(metadata, -1);
    this.#countWords(wordsOfRecord(record), -1);
  }

  #addNumber(field: string, id: string, value: unknown): void {
    if (typeof value !== "number" || !Number.isFinite(value)) return;
    const known = this.#numbers.get(field);
    if (known !== undefined) known.push([id, value]);
    else if (this.#numbers.size < mostNumberFields) this.#numbers.set(field, [[id, value]]);
    else this.#hasMoreNumbers = true;
  }

  #countFields(metadata: Metadata, sign: 1 | -1): void {
    for (const [field, role, value] of roledFields(metadata)) {
      const known = this.#fields.get(field) ?? { role, counts: new ValueCounts<string>() };
      known.counts.count(valuesOf(role, value), { sign, most: mostValues, isInList: Array.isArray(value) });
      if (known.counts.recordCount > 0) this.#fields.set(field, known);
      else this.#fields.delete(field);
    }
  }

  #countWords(text: string, count: 1 | -1): void {
    const stems = new Set<string>();
    for (const [token] of text.matchAll(wordInText)) {
      const known = this.#read(token);
      if (known === undefined) continue;
      if (!hasDigit.test(known.plain)) add(this.#spellings, known.plain, count);
      for (const term of known.terms) stems.add(term);
    }
    for (const each of stems) add(this.#frequencies, each, count);
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
      fields: [...this.#fields].map(([field, { role, counts }]) => ({
        field,
        role,
        recordCount: counts.recordCount,
        isList: counts.isList,
        values: counts.ranked(),
      })),
      facets: this.#facets.build(),
      names: [...this.#names],
      frequencies: this.#frequencies,
      spellings: this.#spellings,
      numbers: [...this.#numbers].map(([field, values]) => [field, [...values]] as const),
    };
  }
}

/** Adds to a count; one that becomes 0 is removed. */
function add(counts: Map<string, number>, key: string, count: number): void {
  const sum = (counts.get(key) ?? 0) + count;
  if (sum > 0) counts.set(key, sum);
  else counts.delete(key);
}

/** Fields whose role is known, if they say something. */
function* roledFields(metadata: Metadata): Generator<readonly [string, FieldRole, unknown]> {
  for (const [field, value] of Object.entries(metadata)) {
    if (value === null || value === undefined) continue;
    const role = roleOf(field);
    if (role !== undefined) yield [field, role, value];
  }
}

/** The terms of a field; of prose none. */
function valuesOf(role: FieldRole, value: unknown): string[] {
  return valueRoles.has(role) ? textsOf(value).filter((text) => text.length <= longestValue) : [];
}
