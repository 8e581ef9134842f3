import { JsonText } from "../../../src/foundation/exact-json/index.ts";
import type { IndexRecord } from "../api/records.ts";

export type FieldValue = string | number | bigint | boolean;

/** A field of the metadata, as far as it was seen. */
export interface Field {
  /** As filters name it: `origin.country.code`. */
  readonly path: string;
  /** Records that have it. */
  records: number;
  isList: boolean;
  isNumber: boolean;
  /** Length of its longest value. */
  longest: number;
  /** Lengths of all values together. */
  characters: number;
  readonly values: Map<FieldValue, number>;
}

const maximumFields = 200;
const maximumValues = 200;
/** A longer text is not offered as a value. */
const longestValue = 60;
/** Records are looked at up to this count; more would say little new. */
export const maximumRecords = 5_000;
const deepest = 3;

/** Fields and values of the records that were read: columns to choose, and words to complete. */
export class FieldCatalog {
  readonly #fields: Map<string, Field> = new Map();
  #records = 0;
  #idCharacters = 0;

  /** Characters of an id on average. */
  get meanId(): number {
    return this.#idCharacters / Math.max(1, this.#records);
  }

  get records(): number {
    return this.#records;
  }

  /** The fields in the order in which they were first seen. */
  fields(): Field[] {
    return [...this.#fields.values()];
  }

  field(path: string): Field | undefined {
    return this.#fields.get(path);
  }

  learn(records: readonly IndexRecord[]): void {
    for (const { id, metadata } of records) {
      if (this.#records === maximumRecords) return;
      this.#idCharacters += id.length;
      this.#records++;
      if (isObject(metadata)) this.#learnObject(metadata, "", 1);
    }
  }

  #learnObject(object: Record<string, unknown>, prefix: string, depth: number): void {
    for (const [key, value] of Object.entries(object)) {
      const path = prefix + key;
      if (isObject(value) && depth < deepest) this.#learnObject(value, `${path}.`, depth + 1);
      else this.#learnValue(path, value);
    }
  }

  #learnValue(path: string, value: unknown): void {
    const field = this.#fieldAt(path);
    if (field === undefined) return;
    field.records++;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (Array.isArray(value)) field.isList = true;
    // A list is shown with commas.
    const length = items.reduce<number>((sum, item) => sum + String(item).length + 2, -2);
    field.longest = Math.max(field.longest, length);
    field.characters += Math.max(0, length);
    for (const item of items) {
      const plain = item instanceof JsonText ? item.valueOf() : item;
      if (typeof plain === "number" || typeof plain === "bigint") field.isNumber = true;
      if (isValue(plain)) countValue(field.values, plain);
    }
  }

  #fieldAt(path: string): Field | undefined {
    const found = this.#fields.get(path);
    if (found !== undefined || this.#fields.size === maximumFields) return found;
    const field: Field = {
      path,
      records: 0,
      isList: false,
      isNumber: false,
      longest: 0,
      characters: 0,
      values: new Map(),
    };
    this.#fields.set(path, field);
    return field;
  }
}

function countValue(values: Map<FieldValue, number>, value: FieldValue): void {
  const count = values.get(value);
  if (count !== undefined || values.size < maximumValues) values.set(value, (count ?? 0) + 1);
}

function isValue(value: unknown): value is FieldValue {
  if (typeof value === "string") return value.length <= longestValue;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonText);
}

/** Columns of a table that nobody has chosen. */
const columnsAtFirst = 4;

/** Fields that most records have and that fit into a column, those that tell records apart best first. */
export function suggestColumns(fields: readonly Field[], records: number): string[] {
  return fields
    .filter(({ records: count, longest }) => count >= records / 2 && longest <= longestValue)
    .sort((left, right) => rank(left) - rank(right))
    .slice(0, columnsAtFirst)
    .map(({ path }) => path);
}

/** Names, then values that differ, then the same value everywhere and flags, then lists. */
function rank({ path, isList, values }: Field): number {
  if (path === "name" || path === "title") return 0;
  if (isList) return 3;
  const isFlag = [...values.keys()].every((value) => typeof value === "boolean");
  return values.size < 2 || isFlag ? 2 : 1;
}
