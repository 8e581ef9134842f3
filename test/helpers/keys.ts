import { join } from "node:path";
import { onTestFinished } from "vitest";
import { CachedKeys } from "../../src/server/key-verifier.ts";
import { KeyRepository, type NewApiKey } from "../../src/state/keys.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface TestKeys {
  readonly repository: KeyRepository;
  readonly verifier: CachedKeys;
  /** Makes a key; the header of its token. */
  issue(key?: Partial<NewApiKey>): Promise<{ id: string; headers: { Authorization: string } }>;
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
      return { id: issued.key.id, headers: { Authorization: `Bearer ${issued.token}` } };
    },
    passTime: (milliseconds = 2_001) => {
      now += milliseconds;
    },
  };
}
