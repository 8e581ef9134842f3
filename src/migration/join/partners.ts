import { type FileRecord, readRecords } from "../../foods/read-records.ts";
import { CancelledError, DataError, type DataFault } from "../../foundation/errors.ts";
import { parseJson, stringifyJson } from "../../foundation/exact-json/index.ts";
import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import { Database } from "../../sqlite/database.ts";
import { storageFile } from "../../sqlite/failures.ts";
import type { CallOptions } from "../../store/store.ts";

/** A record of the data file: the text, and the fields that can be joined. */
export interface Partner {
  readonly text: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Faults that are listed; more are counted. */
const maximumListed = 20;
/** KiB of the table that stay in memory; the rest is on disk. */
const cacheKibibytes = 64 * 1024;
/** Fields that are not joined: the identity of the record, and its text. */
const ownFields = new Set(["id", "text", "original_text"]);

/**
 * The records of a data file by id, in a temporary SQLite database on disk, with at most 64 MB of it in memory. It
 * disappears with the process.
 */
export class Partners {
  readonly #database: Database;
  readonly count: number;

  private constructor(database: Database, count: number) {
    this.#database = database;
    this.count = count;
  }

  /**
   * @throws {DataError} if the file cannot be read without changing a value, or a record has no id or the id of an
   * earlier one
   * @throws {CancelledError}
   */
  static async read(file: string, { signal }: CallOptions = {}): Promise<Partners> {
    // SQLite's name for a private temporary database on disk (sqlite.org/inmemorydb.html).
    const database = Database.open(storageFile("", `The temporary database for ${file}`));
    try {
      database.exec(`PRAGMA cache_size = -${cacheKibibytes}; PRAGMA journal_mode = OFF; BEGIN`);
      database.exec("CREATE TABLE partner (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID");
      const count = await fill(database, file, signal);
      database.exec("COMMIT");
      return new Partners(database, count);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  find(id: string): Partner | undefined {
    const row = this.#database.get("SELECT record FROM partner WHERE id = ?", keyOf(id)) as
      | { record: string }
      | undefined;
    if (row === undefined) return undefined;
    const { text, ...record } = parseJson(row.record) as Record<string, unknown>;
    const fields = Object.entries(record).filter(([key, value]) => value !== null && !ownFields.has(key));
    return { text, fields: Object.fromEntries(fields) };
  }

  /** Every id, in no particular order. */
  *ids(): Generator<string> {
    for (const row of this.#database.each("SELECT id FROM partner")) {
      yield JSON.parse((row as { id: string }).id);
    }
  }

  close(): void {
    this.#database.close();
  }
}

async function fill(database: Database, file: string, signal?: AbortSignal | undefined): Promise<number> {
  const insert = database.prepare("INSERT OR IGNORE INTO partner VALUES (?, ?)");
  const faults: DataFault[] = [];
  let [count, faultCount] = [0, 0];
  for await (const record of readJoinFile(file)) {
    if (signal?.aborted) throw new CancelledError();
    count++;
    const id = idOf(record.value);
    const isNew = id !== undefined && insert.run(keyOf(id), stringifyJson(record.value)).changes === 1;
    if (isNew) continue;
    faultCount++;
    const problem = id === undefined ? 'it has no "id"' : "an earlier record has the same id";
    const place = { line: record.line, index: record.index, ...(id !== undefined && { id }) };
    if (faults.length < maximumListed) faults.push({ ...place, problem });
  }
  if (faultCount > 0) throw unusable(file, count, faults, faultCount);
  return count;
}

async function* readJoinFile(file: string): AsyncGenerator<FileRecord> {
  try {
    yield* readRecords(file, { largeIntegers: "bigint" });
  } catch (error) {
    // The reader's hint is about data files that are ingested.
    if (!(error instanceof DataError) || error.faults.length > 0) throw error;
    throw new DataError(file, error.message, { cause: error, hint: "Name the data file with --join." });
  }
}

/** Chroma has only text ids: a number means its decimal digits. */
function idOf(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null)?.id;
  if (typeof id === "number" || typeof id === "bigint") return String(id);
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** As JSON text, which can hold U+0000 and lone surrogates; SQLite's text cannot. */
function keyOf(id: string): string {
  return JSON.stringify(id);
}

function unusable(file: string, count: number, faults: readonly DataFault[], faultCount: number): DataError {
  const lines = faults.map(
    ({ line, index = 0, id, problem }) =>
      `  line ${line}, record ${index + 1}${id === undefined ? "" : ` (id ${quoted(id)})`}: ${problem}`,
  );
  if (faultCount > faults.length) lines.push(`  and ${faultCount - faults.length} more`);
  return new DataError(
    file,
    `${file} cannot be joined: ${counted(faultCount, "fault")} in ${counted(count, "record")}.\n${lines.join("\n")}`,
    { faults, faultCount, hint: 'Every record needs a unique "id", the same as in the source.' },
  );
}
