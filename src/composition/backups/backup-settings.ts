import type { Environment } from "../../config/environment.ts";
import type { Settings } from "../../config/settings.ts";
import type { NamedKey } from "../../foundation/sealed-stream.ts";

/** What backups are made of and with. */
export interface BackupSettings {
  readonly settings: Settings;
  readonly environment: Environment;
  /** Where backups are kept. */
  readonly backupsDirectory: string;
  /** Encrypts backups. */
  readonly key?: NamedKey | undefined;
}
