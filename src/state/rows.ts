import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DataError } from "../foundation/errors.ts";
import { ownerFile } from "../foundation/owner-only.ts";
import type { StateDatabase, StateRow, StateSession, StateValue } from "./database.ts";
import { migrations } from "./migrations.ts";
import { pagesOf } from "./pages.ts";

/**
 * The state as a file that either kind of store can take back: JSON lines. The first names the version, then follow
 * the rows of each table, and the last has their number, so that a file that was cut off is noticed. Bytes are
 * `{"base64": "…"}`.
 */
interface Header {
  readonly format: "ragfood-state";
  /** Of the tables. */
  readonly version: number;
}

interface RowLine {
  readonly table: string;
  readonly row: Readonly<Record<string, string | number | null | { readonly base64: string }>>;
}

interface Footer {
  readonly rowCount: number;
}

/** Milliseconds for a copy of all rows, which is one transaction. */
const copyTimeoutMs = 30 * 60_000;
/** PostgreSQL and SQLite take 32,766 and more. */
const valuesPerStatement = 2_000;
/** Characters of lines whose rows are inserted together; a row of more comes alone. */
const charactersPerStatement = 8 * 1_024 * 1_024;

/** Writes one state of all tables into a new file. @returns the number of rows */
export async function writeRows(
  state: StateDatabase,
  file: string,
  signal?: AbortSignal | undefined,
): Promise<number> {
  return await state.transaction(
    async (session) => {
      // Again from the start if the transaction conflicted.
      const output = await open(file, "w", ownerFile);
      try {
        let rowCount = 0;
        await output.write(`${JSON.stringify({ format: "ragfood-state", version: migrations.length })}\n`);
        for (const table of await tablesOf(session, state.kind)) {
          for await (const rows of pagesOf(session, table)) {
            rowCount += rows.length;
            await output.write(
              rows.map((row) => `${JSON.stringify({ table, row: encode(row) })}\n`).join(""),
            );
          }
        }
        await output.write(`${JSON.stringify({ rowCount })}\n`);
        await output.sync();
        return rowCount;
      } finally {
        await output.close();
      }
    },
    { readOnly: true, timeoutMs: copyTimeoutMs, signal },
  );
}

/**
 * Fills a store of the version of the file, whose tables are emptied first.
 * @returns the number of rows
 * @throws {DataError} if the file is not whole
 */
export async function readRows(
  state: StateDatabase,
  file: string,
  signal?: AbortSignal | undefined,
): Promise<number> {
  return await state.transaction(
    async (session) => {
      const tables = await tablesOf(session, state.kind);
      for (const table of tables.toReversed()) await session.run(`DELETE FROM ${table}`);
      let rowCount = 0;
      for await (const { table, rows } of groupsOf(file)) {
        if (!tables.includes(table)) throw damaged(file, `it has rows of ${table}, which is no table`);
        await insert(session, table, rows);
        rowCount += rows.length;
      }
      return rowCount;
    },
    { timeoutMs: copyTimeoutMs, signal },
  );
}

/** The version of the tables that a file was made from. @throws {DataError} if it is no copy of a state */
export async function rowsVersion(file: string): Promise<number> {
  for await (const { line } of linesOf(file)) {
    const { format, version } = line as Partial<Header>;
    if (format === "ragfood-state" && Number.isInteger(version)) return version as number;
    break;
  }
  throw damaged(file, "it does not begin like a copy of a state");
}

/** In the order in which the migrations create them, so that rows come after those that they refer to. */
async function tablesOf(session: StateSession, kind: StateDatabase["kind"]): Promise<string[]> {
  const rows = await session.all<{ name: string }>(
    kind === "sqlite"
      ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      : `SELECT tablename AS name FROM pg_catalog.pg_tables
         WHERE schemaname = current_schema() AND tablename <> 'state_version'`,
  );
  const text = migrations.join("\n");
  const placeOf = (name: string) => text.search(new RegExp(`CREATE TABLE (IF NOT EXISTS )?${name}\\b`));
  return rows.map(({ name }) => name).sort((left, right) => placeOf(left) - placeOf(right));
}

function encode(row: StateRow): RowLine["row"] {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
    ]),
  );
}

async function* linesOf(file: string): AsyncGenerator<{ line: unknown; length: number }> {
  const input = createReadStream(file, "utf8");
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield { line: parse(file, line), length: line.length };
    }
  } finally {
    input.destroy();
  }
}

function parse(file: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(file, "a line of it is not JSON");
  }
}

/** Rows of one table that fit into one statement. */
async function* groupsOf(file: string): AsyncGenerator<{ table: string; rows: RowLine["row"][] }> {
  let group: { table: string; rows: RowLine["row"][] } | undefined;
  let rowCount = 0;
  let characters = 0;
  let footer: Footer | undefined;
  for await (const { line, length } of linesOf(file)) {
    if (footer !== undefined) throw damaged(file, "it goes on after its end");
    if ("rowCount" in (line as object)) footer = line as Footer;
    if (!("table" in (line as object))) continue;
    const { table, row } = line as RowLine;
    rowCount++;
    characters += length;
    const isFull =
      group &&
      ((group.rows.length + 1) * Object.keys(row).length > valuesPerStatement ||
        characters > charactersPerStatement);
    if (group && (group.table !== table || isFull)) {
      yield group;
      group = undefined;
      characters = length;
    }
    group ??= { table, rows: [] };
    group.rows.push(row);
  }
  if (footer?.rowCount !== rowCount) throw damaged(file, "it is cut off");
  if (group) yield group;
}

async function insert(session: StateSession, table: string, rows: readonly RowLine["row"][]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  if (![table, ...columns].every((name) => /^[a-z_][a-z0-9_]*$/.test(name)))
    throw new Error(`The rows of ${JSON.stringify(table)} have names that are not those of a table.`);
  const places = `(${columns.map(() => "?").join(", ")})`;
  await session.run(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${rows.map(() => places).join(", ")}`,
    ...rows.flatMap((row) => columns.map((name) => decode(row[name]))),
  );
}

function decode(value: RowLine["row"][string] | undefined): StateValue {
  return typeof value === "object" && value !== null ? Buffer.from(value.base64, "base64") : (value ?? null);
}

function damaged(file: string, problem: string): DataError {
  return new DataError(file, `The copy of a state ${file} is damaged: ${problem}.`, {
    faults: [{ problem }],
    hint: "Restore another backup.",
  });
}
