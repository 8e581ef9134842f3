import type { PoolClient } from "pg";
import { additionsFor, type Column } from "../columns.ts";
import { laterVersion } from "../state-error.ts";

/** Milliseconds that a replica waits for another one to create or upgrade the tables. */
const lockTimeoutMs = 60_000;

/**
 * Brings the tables up to date. Of several replicas that start at the same time, one does it and the others wait for
 * its lock: the outcome of all steps is visible at once, or none is.
 *
 * @param schema name of the PostgreSQL schema that holds the tables
 * @throws {StateError} `version` for tables of a later ragfood
 */
export async function migrate(
  client: PoolClient,
  location: string,
  schema: string,
  migrations: readonly string[],
): Promise<void> {
  // A user without the right to create tables may use those that exist.
  const found = await readVersion(client, schema);
  if (found > migrations.length) throw laterVersion(location, found, migrations.length);
  if (found === migrations.length && (await additions(client, location, schema, migrations)) === "") return;
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${lockTimeoutMs}`);
  await client.query("SELECT pg_advisory_xact_lock(hashtext('ragfood state'), hashtext($1))", [schema]);
  const version = await readVersion(client, schema);
  if (version > migrations.length) throw laterVersion(location, version, migrations.length);
  if (version === 0) {
    await client.query(
      `CREATE SCHEMA IF NOT EXISTS "${schema}"; CREATE TABLE "${schema}".state_version (version BIGINT NOT NULL);
       INSERT INTO "${schema}".state_version VALUES (0)`,
    );
  }
  await client.query(`SET LOCAL search_path TO "${schema}"`);
  for (const sql of migrations.slice(version)) await client.query(sql);
  // Another replica may have added them.
  const added = await additions(client, location, schema, migrations);
  if (added !== "") await client.query(added);
  await client.query("UPDATE state_version SET version = $1", [migrations.length]);
  await client.query("COMMIT");
}

/** @throws {StateError} `version` for tables that lack columns which cannot be added */
async function additions(
  client: PoolClient,
  location: string,
  schema: string,
  migrations: readonly string[],
): Promise<string> {
  const { rows } = await client.query<Column>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_catalog.pg_attribute a
     JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`,
    [schema],
  );
  return additionsFor(rows, migrations.join("\n"), location);
}

/** 0 for no tables. Not by `to_regclass`, which may still miss what another session has just committed. */
async function readVersion(client: PoolClient, schema: string): Promise<number> {
  const found = await client.query(
    "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'state_version'",
    [schema],
  );
  if (found.rowCount === 0) return 0;
  return (await client.query(`SELECT version FROM "${schema}".state_version`)).rows[0].version;
}
