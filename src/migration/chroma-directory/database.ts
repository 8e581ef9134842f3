import { constants, copyFileSync, existsSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { StorageError } from "../../foundation/errors.ts";
import { makeTemporaryDirectory } from "../../foundation/temporary-directory.ts";
import { Database, type Parameter } from "../../sqlite/database.ts";
import type { DatabaseFile } from "../../sqlite/failures.ts";
import { contentFault } from "../chroma-place.ts";
import { BinaryFile } from "./binary-file.ts";
import { damage, notReadable } from "./faults.ts";

/** A row as SQLite returns it, with columns in the order of the query. */
export type Row = readonly (string | number | null | Uint8Array)[];

const magic = "SQLite format 3\0";
/** Bytes 18 and 19 of a file that keeps a write-ahead log (sqlite.org/fileformat.html). */
const logVersion = 2;
/** Milliseconds to wait for a process that is writing at this moment. */
const busyTimeoutMs = 1_000;
/** Tables whose pages and indexes have to be sound for an answer to be complete. */
const tablesToCheck = ["embeddings", "embedding_metadata", "embedding_metadata_array", "embeddings_queue"];

/**
 * The SQLite file of a Chroma directory, which is never written to. If SQLite would have to write in order
 * to read (a journal that a crash left, a write-ahead log), a copy in a temporary directory is read.
 */
export class ChromaDatabase {
  readonly path: string;
  readonly #database: Database;
  /** The directory of the copy. */
  readonly #temporary: string | undefined;

  /**
   * @throws {DataError} if the file is not a SQLite database, or is damaged
   * @throws {StorageError} when it cannot be opened, or another process is writing to it
   */
  constructor(path: string) {
    this.path = path;
    const needsCopy = readHead(path) || isFilled(`${path}-journal`) || isFilled(`${path}-wal`);
    this.#temporary = needsCopy ? copyDatabase(path) : undefined;
    const file = this.#temporary === undefined ? path : join(this.#temporary, basename(path));
    try {
      this.#database = Database.open(chromaFile(path), {
        location: file,
        readOnly: !needsCopy,
        busyTimeoutMs,
        rowsAsLists: true,
        prepare: (database) => database.exec("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32768"),
      });
    } catch (error) {
      this.#removeCopy();
      throw error;
    }
  }

  /** All rows of a query. */
  all<T extends Row>(sql: string, ...parameters: readonly Parameter[]): T[] {
    return this.#database.all(sql, ...parameters) as T[];
  }

  get<T extends Row>(sql: string, ...parameters: readonly Parameter[]): T | undefined {
    return this.#database.get(sql, ...parameters) as T | undefined;
  }

  /** The rows of a query one after the other; the database is locked against writers until the last. */
  each<T extends Row>(sql: string, ...parameters: readonly Parameter[]): Generator<T> {
    return this.#database.each(sql, ...parameters) as Generator<T>;
  }

  /** The columns of a table; empty if the table does not exist. */
  columns(table: string): ReadonlySet<string> {
    return new Set(this.all<[string]>("SELECT name FROM pragma_table_info(?)", table).map(([name]) => name));
  }

  /**
   * Compares the tables that records are read from with their indexes.
   * @throws {DataError} when a page or an index is damaged
   */
  requireSound(): void {
    for (const table of tablesToCheck) {
      if (this.columns(table).size === 0) continue;
      const [problem] = this.all<[string]>(`PRAGMA integrity_check(${table})`).flat();
      if (problem !== "ok") throw damage(this.path, `the table ${table} is damaged: ${problem}`);
    }
  }

  close(): void {
    this.#database.close();
    this.#removeCopy();
  }

  #removeCopy(): void {
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }
}

/** @returns whether the file keeps a write-ahead log */
function readHead(path: string): boolean {
  const file = new BinaryFile(path);
  try {
    const head = Buffer.alloc(Math.min(100, file.size));
    file.read(head, 0);
    const fault = contentFault(head);
    if (fault) throw notReadable(path, fault.problem, fault.hint);
    if (head.length < 100 || head.toString("latin1", 0, magic.length) !== magic) {
      throw notReadable(
        path,
        "is not a SQLite database",
        "Name the directory in which Chroma keeps its files.",
      );
    }
    return head[18] === logVersion || head[19] === logVersion;
  } finally {
    file.close();
  }
}

function isFilled(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Copies the database with its journal or log: SQLite recovers them together, by their names. */
function copyDatabase(path: string): string {
  const directory = makeTemporaryDirectory("ragfood-recovered-");
  try {
    for (const suffix of ["", "-journal", "-wal"]) {
      if (!existsSync(path + suffix)) continue;
      copyFileSync(path + suffix, join(directory, basename(path) + suffix), constants.COPYFILE_FICLONE);
    }
    return directory;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw new StorageError(
      path,
      `${path} was left by a crash, and copying it for reading failed: ${(error as Error).message}`,
      { cause: error, hint: `Make room in ${tmpdir()}, or name another place by TMPDIR.` },
    );
  }
}

/** The SQLite file of a Chroma directory, as errors describe it. */
function chromaFile(path: string): DatabaseFile {
  return {
    path,
    toError: ({ kind, problem, hint }, cause) => {
      const message = cause instanceof Error ? cause.message : problem;
      if (kind === "number")
        return damage(path, "a number in its tables is beyond 2^53, and Chroma writes no such number there", {
          cause,
        });
      if (kind === "busy" || message.includes("database table is locked")) {
        return new StorageError(path, `Another process is writing to ${path}.`, {
          cause,
          hint: "Stop the Chroma server or application that uses the directory, then read it again.",
        });
      }
      if (kind === "not-a-database") {
        return notReadable(
          path,
          "is not a SQLite database",
          "Name the directory in which Chroma keeps its files.",
          cause,
        );
      }
      if (kind === "damaged" || kind === "disk" || /no such (table|column)|corrupt/i.test(message)) {
        return damage(path, `SQLite cannot read it (${message})`, { cause });
      }
      return new StorageError(path, `${path} cannot be read: ${problem}.`, {
        cause,
        hint: kind === "other" ? hint : "Check that this user may read the directory.",
      });
    },
  };
}
