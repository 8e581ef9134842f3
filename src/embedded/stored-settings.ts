import { existsSync, statSync } from "node:fs";
import { StorageError } from "../foundation/errors.ts";
import { sleepSync } from "../foundation/sleep.ts";
import type { IndexSettings } from "./settings.ts";
import type { StoredSettings } from "./storage/catalog.ts";
import { openReader } from "./storage/database.ts";
import { openUnchanging } from "./storage/read-only.ts";
import { type SettingsRow, settingsAreIntact } from "./storage/rows.ts";
import { damagedHint } from "./storage/schema.ts";

/**
 * The settings that an index was created with. Other processes may use the index meanwhile; nothing is written.
 *
 * @returns `undefined` if the index does not exist
 * @throws {StorageError} for a file that is not an index, or whose settings are damaged
 */
export function readIndexSettings(path: string): IndexSettings | undefined {
  if (!existsSync(path)) return undefined;
  if (isEmpty(path)) {
    throw new StorageError(path, `The index at ${path} is empty: the file was cut off, or never written.`, {
      hint: damagedHint,
    });
  }
  // A connection that allows writers leaves files beside the index; a connection to an immutable file does not.
  const isAtRest = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
  const database = isAtRest ? openUnchanging(path) : openReader(path);
  try {
    const row = database.get("SELECT name, value, checksum FROM settings") as SettingsRow | undefined;
    if (row === undefined) return undefined;
    if (settingsAreIntact(row)) {
      const { tokenizerVersion: _, fileId: __, ...settings } = JSON.parse(row.value) as StoredSettings;
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
