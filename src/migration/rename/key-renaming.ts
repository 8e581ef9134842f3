import { existsSync, readFileSync } from "node:fs";
import { decodeText } from "../../foundation/decode-text.ts";
import { UsageError } from "../../foundation/errors.ts";
import { parseJson } from "../../foundation/exact-json/index.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { Metadata } from "../../store/document.ts";
import { canBeFiltered, FilterNames, type MetadataPath } from "../filter-name.ts";

/** `auto`: every key that no filter can name, at every level. A map: these keys of the first level. */
export type RenameRule = "auto" | Readonly<Record<string, string>>;

/**
 * Gives metadata keys names that filters can use. `auto` removes accents (`año`: `ano`), replaces other characters
 * by `_` or by their code point (`Header 1`: `Header_1`, `年`: `u5e74`), and adds `_` to a reserved word (`in_`) and
 * before a digit (`_2nd`). A key keeps its name if its object already has the new one, so that no value is lost.
 */
export class KeyRenaming {
  /** The rule as text: equal for equal renamings. */
  readonly fingerprint: string;
  readonly #map: ReadonlyMap<string, string> | undefined;
  readonly #names = new FilterNames();

  /** @throws {UsageError} for a new name that no filter can use, or that two keys would get */
  constructor(rule: RenameRule) {
    this.fingerprint = JSON.stringify(rule === "auto" ? rule : Object.entries(rule).sort());
    this.#map = rule === "auto" ? undefined : checkedMap(rule);
  }

  /**
   * @param text `auto`, the path of a JSON file that maps old to new names, such JSON, or pairs: `old=new,old=new`
   * @throws {UsageError} for anything else
   */
  static parse(text: string): KeyRenaming {
    return new KeyRenaming(text === "auto" ? "auto" : readMap(text));
  }

  /** @param onKept called with the path of each key that keeps its name because the new one is taken */
  apply(metadata: Metadata, onKept: (path: MetadataPath) => void = () => {}): Metadata {
    return this.#renamed(metadata, [], onKept);
  }

  #renamed(metadata: Metadata, path: MetadataPath, onKept: (path: MetadataPath) => void): Metadata {
    const taken = new Set(Object.keys(metadata));
    const names = new Map<string, string>();
    // Sorted, because sources may order the keys of one record differently.
    for (const key of [...taken].sort()) {
      const name = this.#nameOf(key, path);
      if (name === key) continue;
      if (taken.has(name)) {
        onKept([...path, key]);
        continue;
      }
      taken.add(name);
      names.set(key, name);
    }
    const isDeep = this.#map === undefined;
    return Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => {
        const name = names.get(key) ?? key;
        return [name, isDeep ? this.#member(value, [...path, name], onKept) : value];
      }),
    );
  }

  #member(value: unknown, path: MetadataPath, onKept: (path: MetadataPath) => void): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#member(item, [...path, 0], onKept));
    return isPlainObject(value) ? this.#renamed(value, path, onKept) : value;
  }

  #nameOf(key: string, path: MetadataPath): string {
    if (this.#map) return this.#map.get(key) ?? key;
    return this.#names.canBeFiltered([...path, key]) ? key : filterName(key, path);
  }
}

function isPlainObject(value: unknown): value is Metadata {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A name for a key that filters can use at this path. */
function filterName(key: string, path: MetadataPath): string {
  const plain = key
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_]/gu, (character) => {
      const code = character.codePointAt(0) as number;
      return code < 0x80 ? "_" : `u${code.toString(16)}`;
    });
  const candidates = [plain, `${plain}_`, `_${plain}`];
  return candidates.find((name) => name !== "" && canBeFiltered([...path, name])) ?? `_${plain}_`;
}

/** @throws {UsageError} */
function checkedMap(map: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const olds = new Map<string, string>();
  for (const [key, name] of Object.entries(map)) {
    if (!canBeFiltered([name])) {
      throw new UsageError(
        `The new name ${quoted(name)} of the key ${quoted(key)} cannot be used in filters.`,
        {
          hint: "Use ASCII letters, digits and _, a letter or _ first, and no reserved word such as in or not.",
        },
      );
    }
    const other = olds.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `The keys ${quoted(other)} and ${quoted(key)} have the same new name, ${quoted(name)}.`,
        { hint: "Give each key a different new name." },
      );
    }
    olds.set(name, key);
  }
  return new Map(Object.entries(map));
}

const mapHint =
  'Use --rename-keys auto, a JSON file such as {"Header 1": "header_1"}, or pairs: --rename-keys "Header 1=header_1,loc.lines=lines".';

/** @throws {UsageError} */
function readMap(text: string): Readonly<Record<string, string>> {
  if (text.includes("=") && !text.trimStart().startsWith("{") && !existsSync(text)) return pairsOf(text);
  const isInline = text.trimStart().startsWith("{");
  const name = isInline ? "The value of --rename-keys" : text;
  let map: unknown;
  try {
    map = parseJson(isInline ? text : decodeText(readFileSync(text)));
  } catch (cause) {
    throw new UsageError(`${name} cannot be read as a map of keys: ${(cause as Error).message}`, {
      cause,
      hint: mapHint,
    });
  }
  if (!isPlainObject(map) || !Object.values(map).every((value) => typeof value === "string")) {
    throw new UsageError(`${name} does not map keys to names.`, { hint: mapHint });
  }
  return map as Readonly<Record<string, string>>;
}

/** `old=new,old=new` @throws {UsageError} */
function pairsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").map((pair) => {
    const place = pair.lastIndexOf("=");
    if (place > 0) return [pair.slice(0, place), pair.slice(place + 1)] as const;
    throw new UsageError(`${quoted(pair)} is not old=new.`, { hint: mapHint });
  });
  const [repeated] = pairs.filter(([key], place) => pairs.findIndex(([other]) => other === key) < place);
  if (repeated) throw new UsageError(`The key ${quoted(repeated[0])} is renamed twice.`, { hint: mapHint });
  return Object.fromEntries(pairs);
}
