import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../../foundation/errors.ts";

/** Place of SQLite's counter of changes to a file: 4 bytes at 24 (sqlite.org/fileformat.html). */
const changeCounter = { offset: 24, bytes: 4 };
/** Directories of HNSW files have the name of their segment. */
const segmentName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Detects writes to a directory: sizes and times of its files, and SQLite's count of changes. */
export class Fingerprint {
  readonly #directory: string;
  readonly #database: string;
  readonly #files: ReadonlyMap<string, string>;

  /** Records the current state of the directory. */
  constructor(directory: string, database: string) {
    this.#directory = directory;
    this.#database = database;
    this.#files = this.#look();
  }

  /** @throws {StorageError} if a file was changed, added or removed since */
  requireUnchanged(): void {
    const now = this.#look();
    const files = new Set([...now.keys(), ...this.#files.keys()]);
    const changed = [...files].find((file) => now.get(file) !== this.#files.get(file));
    if (changed === undefined) return;
    throw new StorageError(changed, `${changed} was written to while ${this.#directory} was being read.`, {
      hint: "Stop the Chroma server or application that uses the directory and read it again, or read from the server by its URL.",
    });
  }

  #look(): Map<string, string> {
    const files = new Map<string, string>();
    const note = (file: string) => {
      const found = statSync(file, { throwIfNoEntry: false, bigint: true });
      if (found) files.set(file, `${found.ino} ${found.size} ${found.mtimeNs}`);
    };
    for (const suffix of ["", "-journal", "-wal"]) note(this.#database + suffix);
    files.set(this.#database, `${files.get(this.#database)} ${countChanges(this.#database)}`);
    for (const segment of list(this.#directory).filter((name) => segmentName.test(name))) {
      for (const name of list(join(this.#directory, segment))) note(join(this.#directory, segment, name));
    }
    return files;
  }
}

/** Names in a directory; empty if it does not exist or is a file. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function countChanges(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return "gone";
  }
  try {
    const bytes = Buffer.alloc(changeCounter.bytes);
    readSync(descriptor, bytes, 0, changeCounter.bytes, changeCounter.offset);
    return bytes.toString("hex");
  } finally {
    closeSync(descriptor);
  }
}
