import { Database } from "./database.ts";
import { type DatabaseFile, failureOf, guard } from "./failures.ts";

/**
 * A lock that one process holds until it calls what this returns, or dies: the system frees it then, and no
 * clock is involved.
 *
 * @returns `undefined` if another one holds it
 */
export function tryLock(file: DatabaseFile): (() => void) | undefined {
  const raw: DatabaseFile = { path: file.path, toError: (_, cause) => cause as Error };
  return guard(file, () => {
    try {
      const database = Database.open(raw, {
        busyTimeoutMs: 0,
        prepare: (made) => made.exec("BEGIN EXCLUSIVE"),
      });
      return () => database.close();
    } catch (error) {
      if (failureOf(file.path, error)?.kind === "busy") return undefined;
      throw error;
    }
  });
}
