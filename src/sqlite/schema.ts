import type { Database } from "./database.ts";

/** The tables of one kind of database file, and how its versions are recognised. */
export interface Schema {
  /** PRAGMA application_id; 0 if this kind of file has no id. */
  readonly applicationId: number;
  /** PRAGMA user_version, from 1. */
  readonly version: number;
  /** SQL that creates the tables of this version. */
  readonly tables: string;
  /** Bring the tables of version 1 to 2, of 2 to 3, and so on. */
  readonly upgrades?: readonly ((database: Database) => void)[];
  /** The error for a file that is a database of another program. */
  readonly foreign: () => Error;
  /** The error for a file that a later version of ragfood wrote. */
  readonly later: (version: number) => Error;
}

/** Creates the tables in a new file, and brings those of an earlier version up to date. */
export function prepareSchema(database: Database, schema: Schema): void {
  if (database.pragma("user_version") !== schema.version) {
    // Two processes may do this at once: only what is found under the lock is certain.
    if (database.pragma("user_version") > 0) checkSchema(database, schema);
    database.transaction(() => {
      const version = database.pragma("user_version");
      if (version === 0) {
        if (database.pragma("application_id") !== 0 || readTables(database) !== "") throw schema.foreign();
        database.exec(schema.tables);
        database.exec(`PRAGMA application_id = ${schema.applicationId}`);
      }
      for (const upgrade of version === 0 ? [] : (schema.upgrades ?? []).slice(version - 1))
        upgrade(database);
      if (version < schema.version) database.exec(`PRAGMA user_version = ${schema.version}`);
    });
  }
  checkSchema(database, schema);
}

/** Refuses the file of another program, or of a later version. */
export function checkSchema(database: Database, { applicationId, version, foreign, later }: Schema): void {
  if (database.pragma("application_id") !== applicationId) throw foreign();
  const found = database.pragma("user_version");
  if (found > version) throw later(found);
}

/** The tables and indexes of a database as text, to compare. */
export function readTables(database: Database): string {
  const rows = database.all("SELECT type, name, sql FROM sqlite_schema ORDER BY name") as {
    type: string;
    name: string;
    sql: string | null;
  }[];
  return rows.map(({ type, name, sql }) => `${type} ${name}: ${sql}`).join("\n");
}
