import { join } from "node:path";
import { onTestFinished } from "vitest";
import { CachedKeys } from "../../src/server/key-verifier.ts";
import { KeyRepository, type NewApiKey } from "../../src/state/keys.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface TestKeys {
  readonly repository: KeyRepository;
  readonly verifier: CachedKeys;
  /** Makes a key: its id, its token, and the header with it. */
  issue(key?: Partial<NewApiKey>): Promise<{ id: string; token: string; headers: { Authorization: string } }>;
  /** As if two seconds had passed: what the verifier remembers has to be looked up again. */
  passTime(milliseconds?: number): void;
}

/** Real keys in a state of their own. */
export async function testKeys(): Promise<TestKeys> {
  const state = await openSqliteState(join(temporaryDirectory(), "state.sqlite3"));
  onTestFinished(() => state.close());
  const repository = new KeyRepository(state);
  let now = 0;
  return {
    repository,
    verifier: new CachedKeys(repository, () => now),
    async issue(key = {}) {
      const issued = await repository.create({
        name: "test",
        scopes: ["read"],
        namespaces: undefined,
        ...key,
      });
      const { key: made, token } = issued;
      return { id: made.id, token, headers: { Authorization: `Bearer ${token}` } };
    },
    passTime: (milliseconds = 2_001) => {
      now += milliseconds;
    },
  };
}
