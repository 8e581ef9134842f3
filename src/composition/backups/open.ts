import type { Environment } from "../../config/environment.ts";
import type { Settings } from "../../config/settings.ts";
import { readKeyFile } from "../key-file.ts";
import type { BackupSettings } from "./backup-settings.ts";

/** What a command line says in place of the settings. */
export interface BackupChoices {
  readonly directory?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** @throws {UsageError} for a key file that cannot be read */
export function backupSettings(
  settings: Settings,
  environment: Environment,
  choices: BackupChoices = {},
): BackupSettings {
  const keyFile = choices.keyFile ?? settings.backups.keyFile;
  return {
    settings,
    environment,
    backupsDirectory: choices.directory ?? settings.backups.directory,
    key: keyFile === undefined ? undefined : readKeyFile(keyFile),
  };
}
