import { existsSync, statSync } from "node:fs";
import { StorageError } from "../foundation/errors.ts";
import { sleepSync } from "../foundation/sleep.ts";
import type { IndexSettings } from "./settings.ts";
import { openReader } from "./storage/database.ts";
import { openUnchanging } from "./storage/read-only.ts";
import { type SettingsRow, settingsAreIntact } from "./storage/rows.ts";
import { damagedHint } from "./storage/schema.ts";
import type { StoredSettings } from "./storage/storage.ts";

/**
 * What the index in a file was made with, read beside whoever works on it. Nothing is written or made.
 *
 * @returns `undefined` where there is no index
 * @throws {StorageError} for a file that is no index, or whose settings are damaged
 */
export function readIndexSettings(path: string): IndexSettings | undefined {
  if (!existsSync(path)) return undefined;
  if (isEmpty(path)) {
    throw new StorageError(path, `The index at ${path} is empty: the file was cut off, or never written.`, {
      hint: damagedHint,
    });
  }
  // A connection that reads beside writers leaves files beside the index; one to a file at rest leaves none.
  const isAtRest = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
  const database = isAtRest ? openUnchanging(path) : openReader(path);
  try {
    const row = database.get("SELECT name, value, checksum FROM settings") as SettingsRow | undefined;
    if (row === undefined) return undefined;
    if (settingsAreIntact(row)) {
      const { tokenizerVersion: _, ...settings } = JSON.parse(row.value) as StoredSettings;
      return settings;
    }
    throw new StorageError(path, `The index at ${path}: its settings are not what was written.`, {
      hint: damagedHint,
    });
  } finally {
    database.close();
  }
}

/** A process that makes an index has an empty file for a moment. */
function isEmpty(path: string): boolean {
  for (let waited = 0; waited < 500; waited += 20) {
    if (statSync(path, { throwIfNoEntry: false })?.size !== 0) return false;
    sleepSync(20);
  }
  return true;
}
