import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { SettingsError } from "../errors.ts";
import { redactor } from "../security/redactor.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the settings of a project are. */
export function environmentFile(directory: string = process.cwd()): string {
  return join(directory, ".env");
}

/**
 * The variables of the process over those of `.env` in the directory. The one place that reads either;
 * what is secret among them is known to the redactor from then on.
 *
 * @throws {SettingsError} when a `.env` is there and cannot be read
 */
export function readEnvironment(directory?: string): Environment {
  const file = environmentFile(directory);
  let fromFile: Environment = {};
  try {
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    if (text.includes("\0")) throw new SettingsError([`${file} is UTF-16 text; save it as UTF-8`]);
    fromFile = parseEnv(text);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if ((error as { code?: string }).code !== "ENOENT") {
      throw new SettingsError([`${file} cannot be read: ${(error as Error).message}`]);
    }
  }
  const environment = { ...fromFile, ...process.env };
  redactor.learnFrom(environment);
  return environment;
}

/** Whether the whole of an error shall be shown, for those who look for a fault in the program. */
export function wantsDebug(environment: Environment): boolean {
  return environment.RAGFOOD_DEBUG?.trim() === "1";
}
