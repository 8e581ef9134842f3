import { StateError } from "./state-error.ts";

/** A column of a table that exists. */
export interface Column {
  readonly table: string;
  readonly column: string;
}

/** A column with its type and constraints. */
interface DefinedColumn extends Column {
  readonly definition: string;
}

/**
 * How columns that came to tables of version 1 before the first release are added to a file of that time. Columns that
 * may be NULL need no line here.
 */
const additions: Readonly<Record<string, string>> = {
  "incidents.is_kept": "BIGINT NOT NULL DEFAULT 0",
  "incidents.notes": "TEXT NOT NULL DEFAULT '[]'",
};

/** The columns that the SQL of the tables defines. */
export function columnsIn(sql: string): DefinedColumn[] {
  return [...sql.matchAll(/CREATE TABLE (\w+) \((.*?)\);/gs)].flatMap(([, table = "", body = ""]) =>
    body
      // Not the commas of a key of several columns.
      .split(/,(?![^(]*\))/)
      .map((part) => part.trim().split(/\s+/))
      .filter(([word = ""]) => !/^(PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(word))
      .map(([column = "", ...words]) => ({ table, column, definition: words.join(" ") })),
  );
}

/**
 * SQL that adds the columns that tables of an earlier, unreleased version lack; `""` if they lack none.
 *
 * @param sql of the tables
 * @throws {StateError} `version` for tables that lack others: the first query of them would fail
 */
export function additionsFor(existing: readonly Column[], sql: string, location: string): string {
  const known = new Set(existing.map(nameOf));
  const missing = columnsIn(sql)
    .filter((column) => !known.has(nameOf(column)))
    .map((column) => ({ ...column, addition: additionOf(column) }));
  const impossible = missing.filter(({ addition }) => addition === undefined);
  if (impossible.length > 0) throw unreleased(location, impossible.map(nameOf));
  return missing
    .map(({ table, column, addition }) => `ALTER TABLE ${table} ADD COLUMN ${column} ${addition};`)
    .join("\n");
}

/** `undefined` for a column whose value in former rows is not known. */
function additionOf(column: DefinedColumn): string | undefined {
  return /NOT NULL|PRIMARY KEY/.test(column.definition) ? additions[nameOf(column)] : column.definition;
}

function nameOf({ table, column }: Column): string {
  return `${table}.${column}`;
}

function unreleased(location: string, missing: readonly string[]): StateError {
  return new StateError(
    "version",
    `The state in ${location} was made by an unreleased version of ragfood: it lacks ${missing.join(", ")}. Nothing was changed.`,
    {
      hint: "Go on with the version that made it, or move it away: then a new state is made. First roll back or finish a cutover with that version.",
    },
  );
}
