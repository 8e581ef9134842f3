import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import type { StateDatabase } from "../../src/state/database.ts";
import { type PostgresAddress, parsePostgresUrl } from "../../src/state/postgres/address.ts";
import { openPostgresState } from "../../src/state/postgres/postgres.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { type PostgresServer, postgresObstacle, startPostgres } from "../helpers/postgres.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A state store of one kind for one test, with the tables of this version and nothing in them. */
export interface StateUnderTest {
  readonly kind: StateDatabase["kind"];
  /** Opens the same store, once more at each call, as another process does. It is closed after the test. */
  open(options?: OpenStateOptions): Promise<StateDatabase>;
  /** Where it is, for a process that opens it by itself. */
  readonly place:
    | { readonly stateFile: string }
    | { readonly postgres: { readonly address: PostgresAddress; readonly schema: string } };
}

export interface OpenStateOptions {
  /** Replaces the store's clock; milliseconds since 1970. */
  readonly now?: () => number;
  /** Replaces the tables. */
  readonly migrations?: readonly string[];
}

/**
 * Runs the same tests on SQLite and on PostgreSQL; on a machine without PostgreSQL, the titles say that they are not
 * run. Call it once in a file: each call starts a server.
 *
 * @param define defines tests; each calls `create()` for an empty store of its own
 * @example
 * ```ts
 * describeOnEachStore("votes", (create) => {
 *   it("are kept", async () => {
 *     const state = await create().open();
 *   });
 * });
 * ```
 */
export function describeOnEachStore(title: string, define: (create: () => StateUnderTest) => void): void {
  describe(`${title}, in SQLite`, () => define(createSqlite));
  describeUnless(postgresObstacle, `${title}, in PostgreSQL`, () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.remove());
    define(() => createPostgres(server as PostgresServer));
  });
}

function createSqlite(): StateUnderTest {
  const path = join(temporaryDirectory(), "state.sqlite3");
  return {
    kind: "sqlite",
    open: async (options) => closedAfterTest(openSqliteState(path, options)),
    place: { stateFile: path },
  };
}

/** A schema of its own for each test, on one server. */
function createPostgres(server: PostgresServer): StateUnderTest {
  const schema = `test_${randomBytes(6).toString("hex")}`;
  const address = parsePostgresUrl(server.url) as PostgresAddress;
  return {
    kind: "postgres",
    open: async (options) => closedAfterTest(await openPostgresState(address, { schema, ...options })),
    place: { postgres: { address, schema } },
  };
}

function closedAfterTest(state: StateDatabase): StateDatabase {
  onTestFinished(() => state.close());
  return state;
}
