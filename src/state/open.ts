import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StateDatabase } from "./database.ts";
import type { PostgresAddress } from "./postgres/address.ts";
import { openSqliteState } from "./sqlite.ts";

/** Where the state is. */
export interface StateLocation {
  /** The project's directory: `.ragfood`. */
  readonly directory: string;
  /** The database that replicas share; `undefined`: a SQLite file in the directory. */
  readonly statePostgres: PostgresAddress | undefined;
}

/** The file of the state in a project's directory. */
export function stateFileIn(directory: string): string {
  return join(directory, "state.sqlite3");
}

/** Whether there may be a state: what replicas share is known only once it is open. */
export function hasState({ directory, statePostgres }: StateLocation): boolean {
  return statePostgres !== undefined || existsSync(stateFileIn(directory));
}

/**
 * Opens what a service keeps, and creates or upgrades its tables.
 * @throws {StateError} if it cannot be reached or used, or is of a later version
 */
export async function openState({ directory, statePostgres }: StateLocation): Promise<StateDatabase> {
  if (statePostgres === undefined) return openSqliteState(stateFileIn(directory));
  const { openPostgresState } = await import("./postgres/postgres.ts");
  return openPostgresState(statePostgres);
}
