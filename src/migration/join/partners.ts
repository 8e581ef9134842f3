import { type FileRecord, readRecords } from "../../foods/read-records.ts";
import { CancelledError, DataError, type DataFault } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { Database } from "../../sqlite/database.ts";
import { storageFile } from "../../sqlite/failures.ts";
import type { CallOptions } from "../../store/store.ts";

/** A record of the data file: the text, and the fields that can be joined. */
export interface Partner {
  readonly text: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Faults that are told in full; more are counted. */
const faultsTold = 20;
/** KiB of the table that stay in memory; the rest is on disk. */
const cacheKibibytes = 64 * 1024;
/** Fields that are not joined: who the record is, and what is embedded of it. */
const ownFields = new Set(["id", "text", "original_text"]);

/**
 * The records of a data file by id, in a temporary SQLite database: on disk, with at most 64 MB of it in memory,
 * and gone with the process however that ends.
 */
export class Partners {
  readonly #database: Database;
  readonly count: number;

  private constructor(database: Database, count: number) {
    this.#database = database;
    this.count = count;
  }

  /**
   * @throws {DataError} when the file cannot be read, or a record of it has no id or one that is taken
   * @throws {CancelledError}
   */
  static async read(file: string, { signal }: CallOptions = {}): Promise<Partners> {
    // SQLite's name for a database of its own on disk, which nobody else sees (sqlite.org/inmemorydb.html).
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
    const { text, ...record } = JSON.parse(row.record) as Record<string, unknown>;
    const fields = Object.entries(record).filter(([key, value]) => value !== null && !ownFields.has(key));
    return { text, fields: Object.fromEntries(fields) };
  }

  /** Every id, in no order that means anything. */
  *ids(): Generator<string> {
    for (const row of this.#database.each("SELECT id FROM partner")) {
      yield JSON.parse((row as { id: string }).id);
    }
  }

  close(): void {
    this.#database.close();
  }
}

async function fill(database: Database, file: string, signal?: AbortSignal): Promise<number> {
  const insert = database.prepare("INSERT OR IGNORE INTO partner VALUES (?, ?)");
  const faults: DataFault[] = [];
  let [count, faultCount] = [0, 0];
  for await (const record of readJoinFile(file)) {
    if (signal?.aborted) throw new CancelledError();
    count++;
    const id = idOf(record.value);
    const json = jsonOf(record.value);
    const isNew = id !== undefined && json !== undefined && insert.run(keyOf(id), json).changes === 1;
    if (isNew) continue;
    faultCount++;
    const problem =
      json === undefined
        ? "it is nested too deeply"
        : id === undefined
          ? 'it has no "id"'
          : "its id is taken by a record before it";
    const place = { line: record.line, index: record.index, ...(id !== undefined && { id }) };
    if (faults.length < faultsTold) faults.push({ ...place, problem });
  }
  if (faultCount > 0) throw unusable(file, count, faults, faultCount);
  return count;
}

async function* readJoinFile(file: string): AsyncGenerator<FileRecord> {
  try {
    yield* readRecords(file);
  } catch (error) {
    // What the reader advises is for data files that are ingested.
    if (!(error instanceof DataError) || error.faults.length > 0) throw error;
    throw new DataError(file, error.message, { cause: error, hint: "Name the data file with --join." });
  }
}

/** `undefined` where the record is nested deeper than it can be written out again. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A number counts as its text, as the application that stored it in Chroma has to have made it. */
function idOf(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null)?.id;
  if (typeof id === "number") return String(id);
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** JSON text holds what SQLite's text does not: NUL and lone surrogates. */
function keyOf(id: string): string {
  return JSON.stringify(id);
}

function unusable(file: string, count: number, faults: readonly DataFault[], faultCount: number): DataError {
  const lines = faults.map(
    ({ line, index = 0, id, problem }) =>
      `  line ${line}, record ${index + 1}${id === undefined ? "" : ` (id ${JSON.stringify(id)})`}: ${problem}`,
  );
  if (faultCount > faults.length) lines.push(`  and ${faultCount - faults.length} more`);
  return new DataError(
    file,
    `${file} cannot be joined: ${counted(faultCount, "fault")} in ${counted(count, "record")}.\n${lines.join("\n")}`,
    { faults, faultCount, hint: 'Every record of it needs an "id" of its own, as the source has it.' },
  );
}
