import { editDistance } from "../../foundation/edit-distance.ts";
import { InvalidRequestError } from "../../foundation/errors.ts";

/** Separates the name of the collection from that of the namespace. */
const separator = ".ns.";
/** The longest name that Chroma accepts, in bytes. */
const maximumNameLength = 512;

/**
 * The collection that holds a namespace: Chroma has no namespaces. Names of collections are plain ASCII, so
 * every other byte of a namespace (in UTF-8) is written `_` and two hexadecimal digits: `café` is
 * `foods.ns.caf_c3_a9`.
 *
 * @throws {InvalidRequestError} for a name that becomes longer than Chroma accepts
 */
export function collectionOf(collection: string, namespace: string): string {
  if (namespace === "") return collection;
  const name = `${collection}${separator}${encode(namespace)}`;
  if (name.length > maximumNameLength) {
    throw new InvalidRequestError(
      "chroma",
      `The namespace ${JSON.stringify(namespace)} is too long: its collection would have a name of ${name.length} characters; Chroma takes ${maximumNameLength}.`,
    );
  }
  return name;
}

/** The namespace that a collection holds; `undefined` for a collection of something else. */
export function namespaceOf(collection: string, name: string): string | undefined {
  if (name === collection) return "";
  const start = `${collection}${separator}`;
  if (!name.startsWith(start) || name === start) return undefined;
  const namespace = decode(name.slice(start.length));
  return namespace !== undefined && encode(namespace) === name.slice(start.length) ? namespace : undefined;
}

function encode(namespace: string): string {
  return Array.from(Buffer.from(namespace), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

function decode(code: string): string | undefined {
  const bytes = code.match(/[A-Za-z0-9]|_[0-9a-f]{2}/g) ?? [];
  if (bytes.join("") !== code) return undefined;
  return Buffer.from(
    bytes.map((byte) => (byte.length === 1 ? byte.charCodeAt(0) : Number.parseInt(byte.slice(1), 16))),
  ).toString();
}

/** Names by their similarity to a wanted one, the most similar first. */
export function nearestFirst(names: readonly string[], meant: string): string[] {
  return names
    .map((name) => ({ name, distance: editDistance(name, meant) }))
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .map(({ name }) => name);
}
