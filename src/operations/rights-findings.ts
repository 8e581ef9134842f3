import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../foundation/finding.ts";
import { isOpenToOthers } from "../foundation/owner-only.ts";
import { shellWord } from "../foundation/shell-word.ts";
import { examined } from "./finding.ts";

export interface PrivacyChecks {
  /** Files and directories with texts, hashes of keys or settings; those that do not exist are ignored. */
  readonly places: readonly string[];
  /** Where archives are kept. */
  readonly backupDirectory: string;
  readonly areBackupsEncrypted: boolean;
}

/** Whether other users of this machine can read what the project stores, and whether its backups are encrypted. */
export function* privacyFindings(checks: PrivacyChecks): Generator<Finding> {
  yield rightsFinding(checks.places.filter((path) => existsSync(path)));
  const { backupDirectory, areBackupsEncrypted } = checks;
  if (areBackupsEncrypted || !holdsArchive(backupDirectory)) return;
  yield examined(
    "Backup encryption",
    "warning",
    `the archives in ${backupDirectory} are not encrypted; they hold texts and feedback`,
    "Set BACKUP_KEY_FILE: docs/backup.md. Archives that exist stay as they are.",
  );
}

function rightsFinding(places: readonly string[]): Finding {
  const subject = "File rights";
  const isOpen = (path: string) => isOpenToOthers(statSync(path, { throwIfNoEntry: false })?.mode ?? 0);
  // A directory that others cannot enter protects what it holds.
  const wide = places.filter(
    (place) =>
      isOpen(place) &&
      (!statSync(place).isDirectory() || readdirSync(place).some((name) => isOpen(join(place, name)))),
  );
  if (wide.length === 0)
    return examined(subject, "fact", "other users of this machine cannot read what is stored");
  return examined(
    subject,
    "warning",
    `other users of this machine can read ${wide.join(", ")}`,
    `Run: chmod -R go-rwx ${wide.map(shellWord).join(" ")}`,
  );
}

function holdsArchive(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => name.endsWith(".tar.gz"));
}
