import { statSync } from "node:fs";
import { join } from "node:path";
import { bytesIn } from "../../foundation/directories.ts";
import { DataError, StorageError, UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import { databaseName, placeFault } from "../chroma-place.ts";
import { type ChromaScope, qualifiedName } from "../chroma-scope.ts";
import type { LargeIntegers } from "../record-fault.ts";
import { type ChromaCollection, readCollections } from "./collections.ts";
import { ChromaDatabase } from "./database.ts";
import { notReadable } from "./faults.ts";
import { Fingerprint } from "./fingerprint.ts";
import { readSchemaVersion, type SchemaVersion } from "./schema.ts";
import { ChromaDirectorySource } from "./source.ts";
import { findWriter } from "./writers.ts";

export interface ChromaDirectoryOptions {
  /** Read the records that are whole and list the others, instead of failing at the first. Default false. */
  readonly salvage?: boolean;
  /** Integers beyond 2^53 in metadata: fail, or return their digits as text. Default `refuse`. */
  readonly largeIntegers?: LargeIntegers;
}

/**
 * A directory written by Chroma 0.4 to 1.5, read without Chroma. Nothing in it is ever written or
 * created; if a crash left a journal, a copy is read (docs/chroma.md).
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
  /** The damage in the tables, if the rest is salvaged; `undefined` for sound tables. */
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
   * @throws {DataError} if it is not a Chroma directory, of an unknown version, or damaged
   * @throws {StorageError} if it cannot be read, or another process has it open for writing
   */
  static open(
    path: string,
    { salvage = false, largeIntegers = "refuse" }: ChromaDirectoryOptions = {},
  ): ChromaDirectory {
    const fault = placeFault(path);
    if (fault) throw notReadable(path, fault.problem, fault.hint);
    const writer = findWriter(join(path, databaseName));
    if (writer) {
      throw new StorageError(
        path,
        `The process ${writer.processId} (${writer.command}) has ${path} open and may change it meanwhile.`,
        {
          hint: "Stop it, then read the directory. Or read from the running server: http://127.0.0.1:8000#COLLECTION.",
        },
      );
    }
    return new ChromaDirectory(path, { salvage, largeIntegers });
  }

  /**
   * The collection of a name; without a name, the only one.
   *
   * @throws {UsageError} that lists the collections, unless exactly one fits
   */
  collection(name?: string, scope: Partial<ChromaScope> = {}): ChromaCollection {
    const { tenant, database } = scope;
    const within = this.collections.filter(
      (collection) =>
        (tenant === undefined || collection.tenant === tenant) &&
        (database === undefined || collection.database === database),
    );
    const found = name === undefined ? within : within.filter((collection) => collection.name === name);
    const [collection] = found;
    if (collection && found.length === 1) return collection;
    const place = scopeNamed(this.path, scope);
    const wanted = name === undefined ? "" : ` ${quoted(name)}`;
    if (collection === undefined) {
      const others = within.length > 0 ? within : this.collections;
      throw new UsageError(`${place} has no collection${wanted}.`, {
        hint: others.length === 0 ? "It has no collections at all." : listed("It has", others),
      });
    }
    const areNamesakes = found.every((other) => other.name === collection.name);
    const options = areNamesakes
      ? "--tenant and --database (or CHROMA_TENANT and CHROMA_DATABASE)"
      : "--collection";
    throw new UsageError(`${place} has ${found.length} collections${wanted}.`, {
      hint: listed(`Choose one with ${options}`, found, areNamesakes),
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
    return bytesIn(join(this.path, collection.vectorSegment));
  }

  /** Size of the database, which all collections share, in bytes. */
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

function scopeNamed(path: string, { tenant, database }: Partial<ChromaScope>): string {
  const parts = [tenant && `tenant ${tenant}`, database && `database ${database}`].filter(Boolean);
  return parts.length === 0 ? path : `${path} (${parts.join(", ")})`;
}

function listed(introduction: string, collections: readonly ChromaCollection[], isInFull = false): string {
  const names = collections.map(({ tenant, database, name }) =>
    isInFull ? `${tenant}/${database}/${name}` : qualifiedName(name, { tenant, database }),
  );
  return `${introduction}: ${names.map((name) => quoted(name)).join(", ")}.`;
}
