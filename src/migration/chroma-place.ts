import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The file in which Chroma keeps everything but vectors. */
export const databaseName = "chroma.sqlite3";

/** What a path is instead of a Chroma store, and what to name or do. */
export interface PlaceFault {
  /** Follows the path in a sentence: `is empty`. */
  readonly problem: string;
  readonly hint: string;
}

/** First characters of a file whose content Git LFS has not fetched (git-lfs.com/spec). */
const pointerStart = "version https://git-lfs.github.com/spec/";
/** First bytes of a zip file and of a gzip file. */
const archiveStarts = [Uint8Array.of(0x50, 0x4b, 0x03, 0x04), Uint8Array.of(0x1f, 0x8b)];
/** Stores that a message lists. */
const maximumListed = 10;
/** Levels below a directory at which stores are looked for, and directories that are looked at. */
const maximumDepth = 3;
const maximumLookedAt = 10_000;

const hint = "Name the directory in which Chroma keeps its files, the path of its PersistentClient.";

/** Why a path is not a Chroma directory; `undefined` if it may be one. */
export function placeFault(path: string): PlaceFault | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { problem: "does not exist", hint };
  if (found.isFile()) return fileFault(path);
  if (!found.isDirectory()) return { problem: "is neither a directory nor a file", hint };
  if (existsSync(join(path, databaseName))) return undefined;
  const names = readdirSync(path);
  if (names.length === 0) return { problem: "is empty", hint };
  if (names.some((name) => /\.parquet$/.test(name)) || names.includes("index")) {
    return {
      problem: "was written by Chroma 0.3 or earlier, which kept Parquet files",
      hint: "Bring it to version 0.4 with Python's chroma-migrate, then read it.",
    };
  }
  if (names.includes("manifest.json")) {
    return { problem: "is a dump, not a Chroma directory", hint: `As a source it is named dump:${path}` };
  }
  if (names.includes("index.sqlite")) {
    return {
      problem: "is an embedded index, not a Chroma directory",
      hint: `As a source it is named embedded:${path}`,
    };
  }
  return nearbyFault(path) ?? { problem: `is not a Chroma directory: it has no ${databaseName}`, hint };
}

/** The path to suggest instead if a store is above or below the given one; `undefined` if none is found. */
export function nearbyFault(path: string): PlaceFault | undefined {
  const parent = dirname(path);
  if (basename(path) === databaseName || existsSync(join(parent, databaseName))) {
    return { problem: "is a part of a Chroma store", hint: `Name the directory of the store: ${parent}` };
  }
  const stores = storesBelow(path);
  if (stores.length === 0) return undefined;
  const listed = stores.slice(0, maximumListed).join(", ");
  return {
    problem: `is not a Chroma directory, but holds ${stores.length === 1 ? "one" : `${stores.length} of them`}`,
    hint: `Name the directory of a store: ${listed}${stores.length > maximumListed ? ", …" : ""}`,
  };
}

/** Why a file cannot be a database; `undefined` for one whose content has to decide. */
export function contentFault(head: Uint8Array): PlaceFault | undefined {
  if (head.length === 0) {
    return {
      problem: "is empty (0 bytes): a copy or a download was cut short",
      hint: "Copy it again from where the store was made.",
    };
  }
  return pointerFault(head);
}

/** What a file is that Git LFS has not fetched; `undefined` for any other file. */
export function pointerFault(head: Uint8Array): PlaceFault | undefined {
  if (!Buffer.from(head).toString("latin1").startsWith(pointerStart)) return undefined;
  return {
    problem: "is a Git LFS pointer, not the file itself",
    hint: "Fetch the content with `git lfs pull`, then read the directory.",
  };
}

function fileFault(path: string): PlaceFault {
  const head = headOf(path);
  if (archiveStarts.some((start) => head.subarray(0, start.length).toString() === start.toString())) {
    return {
      problem: "is an archive",
      hint: "Unpack it, then name the directory that holds chroma.sqlite3.",
    };
  }
  return (
    contentFault(head) ??
    nearbyFault(path) ?? { problem: "is a file, and a Chroma store is a directory", hint }
  );
}

function headOf(path: string): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const head = new Uint8Array(pointerStart.length);
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Directories that hold a store, those nearer to the top first. */
function storesBelow(path: string): string[] {
  const stores: string[] = [];
  let level = [path];
  let left = maximumLookedAt;
  for (let depth = 0; depth < maximumDepth && left > 0; depth++) {
    level = level.slice(0, left).flatMap(directoriesIn);
    left -= level.length;
    stores.push(...level.filter((directory) => existsSync(join(directory, databaseName))));
  }
  return stores;
}

function directoriesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
      .map(({ name }) => join(path, name))
      .sort();
  } catch {
    return [];
  }
}
