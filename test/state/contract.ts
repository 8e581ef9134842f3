import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import type { StateDatabase } from "../../src/state/database.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A state store of one kind for one test. */
export interface StateUnderTest {
  readonly kind: StateDatabase["kind"];
  /** Opens the same store, once more at each call, as another process does. It is closed after the test. */
  open(options?: OpenStateOptions): Promise<StateDatabase>;
}

export interface OpenStateOptions {
  /** Replaces the store's clock; milliseconds since 1970. */
  readonly now?: () => number;
  readonly migrations?: readonly string[];
}

/**
 * Runs the same tests on SQLite and on PostgreSQL.
 *
 * @param define defines tests; each calls `create()` for an empty store of its own
 * @example
 * ```ts
 * describeOnEachStore("the votes", (create) => {
 *   it("keeps a vote", async () => {
 *     const state = await create().open();
 *   });
 * });
 * ```
 */
export function describeOnEachStore(title: string, define: (create: () => StateUnderTest) => void): void {
  describe(`${title} in SQLite`, () => define(createSqlite));
}

function createSqlite(): StateUnderTest {
  const path = join(temporaryDirectory(), "state.sqlite3");
  return {
    kind: "sqlite",
    open: async (options) => {
      const state = openSqliteState(path, options);
      onTestFinished(() => state.close());
      return state;
    },
  };
}
