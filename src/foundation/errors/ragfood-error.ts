export interface RagfoodErrorOptions {
  /** What the reader can do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The root of the hierarchy: a stable `code`, a message that names the input, and a `hint`.
 * `instanceof` also recognises an error that another copy of the package has thrown.
 */
export abstract class RagfoodError extends Error {
  /** Names the class for `instanceof` and `error.name`; minifiers do not change it. */
  static readonly errorName: string = "RagfoodError";
  abstract readonly code: string;
  readonly hint: string | undefined;

  constructor(message: string, options: RagfoodErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.errorName;
    this.hint = options.hint;
    for (const name of errorNames(new.target)) Object.defineProperty(this, marker(name), { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class of the caller's own, without a name, is recognised as any class is.
    if (!Object.hasOwn(this, "errorName")) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && marker(this.errorName) in value;
  }
}

function marker(errorName: string): symbol {
  return Symbol.for(`ragfood.error.${errorName}`);
}

/** The names of a class and of those that it extends, up to the root. */
function errorNames(type: typeof RagfoodError): string[] {
  const names = [type.errorName];
  for (let above = type; above !== RagfoodError; ) {
    above = Object.getPrototypeOf(above) as typeof RagfoodError;
    names.push(above.errorName);
  }
  return names;
}
