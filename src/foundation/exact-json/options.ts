export interface ReadJsonOptions {
  /** Integers beyond 2^53: `bigint` returns a BigInt of the same digits, `refuse` throws. Default: `bigint`. */
  readonly largeIntegers?: "bigint" | "refuse";
  /** Half of a surrogate pair in a key or a text. Default: `keep`. UTF-8 and SQLite cannot hold it. */
  readonly loneSurrogates?: "keep" | "refuse";
  /**
   * A number that JavaScript would write with other characters (`1.0`, `1e5`, `0.10`) comes as `JsonText`,
   * which `stringifyJson` writes unchanged: everywhere, or below a key of this name. Default: such a number
   * comes as the nearest double.
   */
  readonly literals?: "everywhere" | { readonly below: string };
  /**
   * Lists of numbers that the caller has read, by the position of the `[]` that stands for each in the text. They may be
   * below this key alone, if it is one of the outermost object or of an object in the outermost list; otherwise the text
   * is refused. Their numbers count as values.
   */
  readonly lists?: { readonly below: string; readonly at: ReadonlyMap<number, Float32Array> };
  /** The most items that a list may have if it is the whole text. Checked before the rest is read. */
  readonly maximumItems?: number;
  /** The most values in the text: strings, numbers and words; a list, an object or a `JsonText` counts as ten. */
  readonly maximumValues?: number;
  /** The line of the file that the text starts on. Default: 1. */
  readonly firstLine?: number;
}

/** Values that a list or an object counts as: it takes about as much memory. */
export const containerValues = 10;

/** Maximum nesting of lists and objects. Deeper ones could overflow the stack of this process or another reader. */
export const maximumDepth = 1_000;
