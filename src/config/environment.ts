import { redactor } from "../security/redactor.ts";
import { readEnvironmentFile } from "./environment-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment variables, with those of `.env` in the directory as defaults. Only this function reads either. It
 * registers their secrets with the redactor.
 *
 * @throws {SettingsError} if a `.env` exists and cannot be read
 */
export function readEnvironment(directory?: string): Environment {
  const environment = { ...readEnvironmentFile(directory)?.values, ...process.env };
  redactor.learnFrom(environment);
  return environment;
}

/** Whether the whole of an error shall be shown, for those who look for a fault in the program. */
export function wantsDebug(environment: Environment): boolean {
  return environment.RAGFOOD_DEBUG?.trim() === "1";
}

/** Whether the terminal of this process takes escape codes, which one with `TERM=dumb` shows as text. */
export function takesEscapeCodes(): boolean {
  return process.env.TERM !== "dumb";
}
