import { StateError } from "./state-error.ts";

/** A column of a table that exists. */
export interface Column {
  readonly table: string;
  readonly column: string;
}

/** Columns that came to tables of version 1 before the first release. A file of that time gets them. */
const definitions: Readonly<Record<string, string>> = {
  "incidents.is_kept": "BIGINT NOT NULL DEFAULT 0",
  "incidents.notes": "TEXT NOT NULL DEFAULT '[]'",
};

/** The columns that the SQL of the tables defines. */
export function columnsIn(sql: string): Column[] {
  return [...sql.matchAll(/CREATE TABLE (\w+) \((.*?)\);/gs)].flatMap(([, table = "", body = ""]) =>
    body
      // Not the commas of a key of several columns.
      .split(/,(?![^(]*\))/)
      .map((part) => part.trim().split(/\s/, 1)[0] as string)
      .filter((word) => !/^(PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(word))
      .map((column) => ({ table, column })),
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
    .map(nameOf)
    .filter((name) => !known.has(name));
  const unknown = missing.filter((name) => definitions[name] === undefined);
  if (unknown.length > 0) throw unreleased(location, unknown);
  return missing
    .map((name) => {
      const [table, column] = name.split(".");
      return `ALTER TABLE ${table} ADD COLUMN ${column} ${definitions[name]};`;
    })
    .join("\n");
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
