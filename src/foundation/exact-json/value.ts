/**
 * A piece of JSON text that represents a value: `stringifyJson` writes it unchanged. The reader returns it
 * for numbers whose digits a JavaScript number does not keep, such as `1.0` (see the option `literals`).
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  /** What `JSON.stringify` writes: the nearest double, which is the same number in another form. */
  toJSON(): number {
    return this.valueOf();
  }

  /** The nearest double of a number; `NaN` for other JSON text. So `new JsonText("1.0") == 1`. */
  valueOf(): number {
    return Number(this.text);
  }
}

/** Keys and list places that lead to a value, such as `["records", 3, "metadata", "price"]`. */
export type JsonPath = readonly (string | number)[];
