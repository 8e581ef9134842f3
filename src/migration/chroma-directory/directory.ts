import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DataError, StorageError, UsageError } from "../../foundation/errors.ts";
import { type ChromaCollection, readCollections } from "./collections.ts";
import { ChromaDatabase } from "./database.ts";
import { notReadable } from "./faults.ts";
import { Fingerprint } from "./fingerprint.ts";
import type { LargeIntegers } from "./metadata.ts";
import { readSchemaVersion, type SchemaVersion } from "./schema.ts";
import { ChromaDirectorySource } from "./source.ts";
import { findWriter } from "./writers.ts";

export interface ChromaDirectoryOptions {
  /** Read the records that are whole and list the others, instead of failing at the first. Default false. */
  readonly salvage?: boolean;
  /** Whole numbers past 2^53 in metadata: fail, or give them as text. Default `refuse`. */
  readonly largeIntegers?: LargeIntegers;
}

const databaseName = "chroma.sqlite3";
const pathHint = "Name the directory in which Chroma keeps its files, the path of its PersistentClient.";

/**
 * A directory that a Chroma of version 0.4 to 1.5 has written, read without Chroma. Nothing in it is ever
 * written or created; where a crash has left a journal, a copy is read (docs/chroma.md).
 *
 * @example
 * const directory = ChromaDirectory.open("chroma_db");
 * const source = directory.source(directory.collection("foods"));
 * for await (const records of source.records()) console.log(records.length);
 * directory.close();
 */
export class ChromaDirectory {
  readonly path: string;
  readonly version: SchemaVersion;
  readonly collections: readonly ChromaCollection[];
  /** What is damaged in the tables, where the rest is salvaged; `undefined` for tables that are sound. */
  readonly tableDamage: string | undefined;
  readonly #database: ChromaDatabase;
  readonly #fingerprint: Fingerprint;
  readonly #options: Required<ChromaDirectoryOptions>;

  private constructor(path: string, options: Required<ChromaDirectoryOptions>) {
    this.path = path;
    this.#options = options;
    const file = join(path, databaseName);
    this.#fingerprint = new Fingerprint(path, file);
    this.#database = new ChromaDatabase(file);
    try {
      this.version = readSchemaVersion(this.#database);
      this.tableDamage = this.#findDamage();
      this.collections = readCollections(this.#database);
      this.#fingerprint.requireUnchanged();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /**
   * Opens a directory and compares its tables with their indexes, which takes time with its size.
   *
   * @throws {DataError} when it is no Chroma directory, of a version that is not known, or damaged
   * @throws {StorageError} when it cannot be read, or another process has it open to write
   */
  static open(
    path: string,
    { salvage = false, largeIntegers = "refuse" }: ChromaDirectoryOptions = {},
  ): ChromaDirectory {
    requireChroma(path);
    const writer = findWriter(join(path, databaseName));
    if (writer) {
      throw new StorageError(
        path,
        `The process ${writer.processId} (${writer.command}) has ${path} open: what is read may change meanwhile.`,
        { hint: "Stop it, then read the directory; or read from a running Chroma server by its URL." },
      );
    }
    return new ChromaDirectory(path, { salvage, largeIntegers });
  }

  /**
   * @throws {UsageError} where there is no collection of that name, or one in several databases and none named
   */
  collection(
    name: string,
    within: { readonly tenant?: string; readonly database?: string } = {},
  ): ChromaCollection {
    const { tenant, database } = within;
    const found = this.collections.filter(
      (collection) =>
        collection.name === name &&
        (tenant === undefined || collection.tenant === tenant) &&
        (database === undefined || collection.database === database),
    );
    const [collection] = found;
    if (collection && found.length === 1) return collection;
    if (collection === undefined) {
      const names = this.collections.map((other) => JSON.stringify(other.name)).join(", ");
      throw new UsageError(`${this.path} has no collection ${JSON.stringify(name)}.`, {
        hint: names === "" ? "It has no collections at all." : `It has: ${names}.`,
      });
    }
    const places = found.map((other) => `${other.tenant}/${other.database}`).join(", ");
    throw new UsageError(`${this.path} has ${found.length} collections ${JSON.stringify(name)}.`, {
      hint: `Name the tenant and the database: ${places}.`,
    });
  }

  /** The records of a collection. */
  source(collection: ChromaCollection): ChromaDirectorySource {
    return new ChromaDirectorySource({
      directory: this.path,
      database: this.#database,
      fingerprint: this.#fingerprint,
      collection,
      ...this.#options,
    });
  }

  /** Bytes of the files of one collection's HNSW index. */
  indexBytes(collection: ChromaCollection): number {
    return bytesOf(join(this.path, collection.vectorSegment));
  }

  /** Bytes of the database, which all collections share. */
  get databaseBytes(): number {
    return statSync(this.#database.path).size;
  }

  close(): void {
    this.#database.close();
  }

  #findDamage(): string | undefined {
    try {
      this.#database.requireSound();
      return undefined;
    } catch (error) {
      if (!this.#options.salvage || !(error instanceof DataError)) throw error;
      return error.message;
    }
  }
}

function bytesOf(directory: string): number {
  if (!existsSync(directory)) return 0;
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** @throws {DataError} with what the path is instead of a Chroma directory */
function requireChroma(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw notReadable(path, "does not exist", pathHint);
  if (!found.isDirectory()) {
    throw notReadable(path, "is a file, and a Chroma store is a directory", pathHint);
  }
  if (existsSync(join(path, databaseName))) return;
  const names = readdirSync(path);
  if (names.length === 0) throw notReadable(path, "is empty", pathHint);
  if (names.some((name) => /\.parquet$/.test(name)) || names.includes("index")) {
    throw notReadable(
      path,
      "was written by Chroma 0.3 or earlier, which kept Parquet files",
      "Bring it to version 0.4 with Python's chroma-migrate, then read it.",
    );
  }
  throw notReadable(path, `is no Chroma directory: it has no ${databaseName}`, pathHint);
}
