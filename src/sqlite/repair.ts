import { linkSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { attempt } from "../foundation/attempt.ts";
import { draftOf, removeAbandonedDrafts } from "../foundation/drafts.ts";
import { damagedOf } from "../foundation/put-aside.ts";
import { Database } from "./database.ts";
import type { DatabaseFile } from "./failures.ts";
import { foldLog, logBytes, removeDatabase, replaceDatabase } from "./files.ts";

/**
 * Replaces a damaged database with a new one and keeps the damaged one beside it. A process that has the damaged one
 * open gets an error at its next transaction.
 *
 * @param copy fills the file `draft` from what can be read of `source`, which is `undefined` if it cannot be opened
 * @throws {Error} of the file system and of `copy`; the damaged file then stays in place
 */
export function rebuild<T>(
  file: DatabaseFile,
  copy: (source: Database | undefined, draft: string) => T,
): { readonly result: T; readonly damagedFile: string } {
  const { path } = file;
  const draft = draftOf(path);
  const damagedFile = damagedOf(path);
  let source: Database | undefined;
  try {
    removeAbandonedDrafts(dirname(path));
    // Without its log the file may lack the latest writes.
    if (statSync(path).size > 0) attempt(() => foldLog(path));
    source = attempt(() => Database.open(file, { readOnly: true }));
    const result = copy(source, draft);
    source?.close();
    linkSync(path, damagedFile);
    if (logBytes(path) > 0) linkSync(`${path}-wal`, `${damagedFile}-wal`);
    replaceDatabase(draft, path);
    return { result, damagedFile };
  } finally {
    source?.close();
    removeDatabase(draft);
  }
}
