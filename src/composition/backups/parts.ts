import type { BackupPart } from "../../operations/backups/part.ts";
import type { BackupSettings } from "./backup-settings.ts";
import { directoryPart } from "./directory-part.ts";
import { indexPart } from "./index-part.ts";
import { recordsPart } from "./records-part.ts";
import { settingsPart } from "./settings-part.ts";
import { statePart } from "./state-part.ts";

const parts: Readonly<Record<string, (given: BackupSettings) => BackupPart>> = {
  /** The store of the settings, wherever it is. */
  index: (given) => (given.settings.store === "embedded" ? indexPart(given) : recordsPart(given)),
  state: statePart,
  settings: settingsPart,
};

/**
 * Parts of a project.
 *
 * @param what `index`, `state`, `settings`, or the path of a directory (`./index` for one of such a name). Default:
 * these three, and the directories that the settings name
 */
export function openParts(what: string | undefined, given: BackupSettings): BackupPart[] {
  if (what !== undefined) return [parts[what]?.(given) ?? directoryPart(what)];
  return [
    ...Object.values(parts).map((open) => open(given)),
    ...given.settings.backups.directories.map(directoryPart),
  ];
}
