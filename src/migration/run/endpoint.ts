import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../foundation/errors.ts";
import { nearbyFault } from "../chroma-place.ts";

/** A source or a target, as a command line names it. */
export type Endpoint =
  | { readonly kind: "chroma-directory"; readonly path: string; readonly collection?: string }
  /** Without a URL: the server of the settings. */
  | { readonly kind: "chroma-server"; readonly url?: string; readonly collection?: string }
  | { readonly kind: "dump"; readonly path: string }
  /** Without a path: the project's own index. */
  | { readonly kind: "embedded"; readonly path?: string }
  /** The index of the settings. */
  | { readonly kind: "upstash" };

/** The forms of a word, each with its meaning. */
const endpointForms: readonly (readonly [form: string, meaning: string])[] = [
  ["chroma_db/, chroma:DIR", "a Chroma directory, with #COLLECTION if it has several"],
  ["http://HOST:8000", "a Chroma server, with #COLLECTION as above"],
  ["chroma", "the Chroma server of the settings"],
  ["dump:DIR", "a dump"],
  ["embedded:DIR", "an embedded index"],
  ["embedded", "the project's own embedded index"],
  ["upstash", "the index of the settings"],
];

/**
 * The source or target that a word names. A plain directory is recognised by its content.
 *
 * @throws {UsageError} that lists the forms, for any other word
 */
export function parseEndpoint(word: string): Endpoint {
  if (word === "upstash") return { kind: "upstash" };
  if (word === "embedded") return { kind: "embedded" };
  if (word === "chroma") return { kind: "chroma-server" };
  if (/^(chroma\+)?https?:/i.test(word)) return parseServer(word);
  const [, scheme, rest = ""] = /^(chroma|dump|embedded):(.*)$/.exec(word) ?? [];
  if (scheme !== undefined && rest === "") throw unknown(word, `it names nothing after "${scheme}:"`);
  switch (scheme) {
    case "chroma":
      return parseDirectory(rest);
    case "dump":
      return { kind: "dump", path: rest };
    case "embedded":
      return { kind: "embedded", path: rest };
    default:
      return parseBare(word);
  }
}

function parseServer(word: string): Endpoint {
  const text = word.replace(/^chroma\+/i, "");
  const [address = "", collection] = splitCollection(text);
  if (!URL.canParse(address)) throw unknown(word, "it is not a URL");
  const { username, password, href } = new URL(address);
  // A user name or a password would appear in reports and in the ledger.
  if (username !== "" || password !== "") {
    throw unknown("the URL with a user name or a password", "tokens come from the settings (CHROMA_TOKEN)");
  }
  return {
    kind: "chroma-server",
    url: href.replace(/\/+$/, ""),
    ...(collection !== undefined && { collection }),
  };
}

function parseDirectory(word: string): Endpoint {
  // The name of a directory may contain the sign.
  const [path, collection] = existsSync(word) ? [word, undefined] : splitCollection(word);
  return { kind: "chroma-directory", path, ...(collection !== undefined && { collection }) };
}

function parseBare(word: string): Endpoint {
  const directory = parseDirectory(word) as Extract<Endpoint, { kind: "chroma-directory" }>;
  const { path } = directory;
  if (existsSync(join(path, "chroma.sqlite3"))) return directory;
  if (existsSync(join(path, "manifest.json"))) return { kind: "dump", path };
  if (existsSync(join(path, "index.sqlite"))) return { kind: "embedded", path };
  if (!existsSync(path)) throw unknown(word, "no such directory exists, and it has no other known form");
  const nearby = nearbyFault(path);
  if (nearby) throw new UsageError(`${path} ${nearby.problem}.`, { hint: nearby.hint });
  throw unknown(word, "it holds no Chroma, no dump and no index");
}

function splitCollection(text: string): [place: string, collection: string | undefined] {
  const at = text.lastIndexOf("#");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unknown(word: string, problem: string): UsageError {
  const forms = endpointForms.map(([form, meaning]) => `${form} (${meaning})`);
  return new UsageError(`${word === "" ? '""' : word} is not a source or target: ${problem}.`, {
    hint: `The forms are: ${forms.join("; ")}.`,
  });
}
