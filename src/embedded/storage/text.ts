import { InvalidRequestError } from "../../foundation/errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A text in a form that SQLite stores whole: SQLite cuts text at U+0000, but not bytes.
 * @throws {InvalidRequestError} 422 for a text that UTF-8 cannot encode
 */
export function textToColumn(text: string | undefined): string | Uint8Array | null {
  if (text === undefined) return null;
  requireWholeText("data", text);
  return text.includes("\0") ? encoder.encode(text) : text;
}

export function textFromColumn(value: string | Uint8Array | null): string | undefined {
  if (value === null) return undefined;
  return typeof value === "string" ? value : decoder.decode(value);
}

/** Half of a surrogate pair: UTF-8, in which SQLite stores texts, cannot encode it. */
const halfPair = /\p{Surrogate}/u;

/**
 * A key is compared inside SQLite as text. A key that SQLite would cut or change could match another one.
 *
 * @param what the name of the key in messages
 * @throws {InvalidRequestError} 422
 */
export function requireKey(what: string, key: string): string {
  if (key.includes("\0")) throw refusal(`The ${what} must not contain the character U+0000`);
  return requireWholeText(what, key);
}

/** @throws {InvalidRequestError} 422 for a text that cannot be stored unchanged */
export function requireWholeText(what: string, text: string): string {
  if (halfPair.test(text)) throw refusal(`The ${what} must not contain half of a surrogate pair`);
  return text;
}

function refusal(message: string): InvalidRequestError {
  return new InvalidRequestError("embedded", message, { status: 422 });
}
