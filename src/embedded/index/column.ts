import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { stringifyJson } from "../../foundation/exact-json/index.ts";
import { compileCondition, compileField, type FilterCondition } from "../filter/index.ts";
import { Growable } from "./growable.ts";

/**
 * Conditions of one field whose results are kept, and distinct values of a field for which they are: 4 MB. One filter
 * may have dozens of conditions on a field, as for all records with an ingredient of many names.
 */
const conditionsKept = 1_024;
const valuesKept = 4_096;

/** The code of a row whose metadata lacks the field. */
const missing = 0;

/**
 * One metadata field of every row, as codes into a dictionary of its distinct values: a condition is evaluated once per
 * value, not once per record.
 */
export class Column {
  readonly #read: (metadata: unknown) => unknown;
  readonly #codes: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity));
  readonly #values: unknown[] = [undefined];
  readonly #codeOf = new Map<string, number>();
  /** For conditions that were evaluated: for each value, 1 if it holds. Values are only added. */
  readonly #verdicts = new BoundedCache<string, Uint8Array>(conditionsKept);

  constructor(field: string) {
    this.#read = compileField(field);
  }

  /** Takes the next row. */
  push(metadata: unknown): void {
    const value = this.#read(metadata);
    this.#codes.push(value === undefined ? missing : this.#encode(value));
  }

  #encode(value: unknown): number {
    const key = stringifyJson(value);
    let code = this.#codeOf.get(key);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(key, code);
    }
    return code;
  }

  /** For each row, 1 if the condition holds. */
  mask(condition: FilterCondition): Uint8Array {
    const verdicts = this.#verdictsOf(condition);
    const codes = this.#codes.array;
    const mask = new Uint8Array(this.#codes.length);
    for (let row = 0; row < mask.length; row++) mask[row] = verdicts[codes[row] as number] as number;
    return mask;
  }

  #verdictsOf(condition: FilterCondition): Uint8Array {
    const key = stringifyJson(condition);
    const known = this.#verdicts.get(key);
    if (known?.length === this.#values.length) return known;
    const holds = compileCondition(condition);
    const verdicts = Uint8Array.from(this.#values, (value) => (holds(value) ? 1 : 0));
    if (verdicts.length <= valuesKept) this.#verdicts.set(key, verdicts);
    return verdicts;
  }
}
