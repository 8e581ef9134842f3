import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { SettingsError } from "../foundation/errors.ts";
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
  const text = readText(environmentFile(directory));
  const environment = { ...(text !== undefined && parse(text).values), ...process.env };
  redactor.learnFrom(environment);
  return environment;
}

/** What a `.env` says, for whoever looks for what is wrong with it. */
export interface EnvironmentFile {
  readonly file: string;
  /** Of the settings that are given a value. */
  readonly names: readonly string[];
  /** Lines, from 1, that are no setting, no comment and not blank: they are not heeded. */
  readonly strayLines: readonly number[];
}

/** A name, a value in quotes over as many lines as it takes or plain, and what follows on the line. */
const setting = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)?.*$/gm;

/**
 * The `.env` in the directory; `undefined` where there is none.
 * @throws {SettingsError} when it cannot be read
 */
export function inspectEnvironmentFile(directory?: string): EnvironmentFile | undefined {
  const file = environmentFile(directory);
  const text = readText(file);
  if (text === undefined) return undefined;
  const { values, strayLines } = parse(text);
  const names = Object.entries(values).flatMap(([name, value]) => (value === "" ? [] : [name]));
  return { file, names, strayLines };
}

/** Node.js takes a line that is no setting for the beginning of the next one's name: it is left out. */
function parse(text: string): { values: Environment; strayLines: number[] } {
  // The lines that are left are where they were.
  const others = text.replace(setting, (found) => found.replace(/[^\n]/g, "")).split("\n");
  const strayLines = others.flatMap((line, place) => (/^\s*(?:#|$)/.test(line) ? [] : [place + 1]));
  const lines = text.split("\n").map((line, place) => (strayLines.includes(place + 1) ? "" : line));
  return { values: parseEnv(lines.join("\n")), strayLines };
}

function readText(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    if (text.includes("\0")) throw new SettingsError([`${file} is UTF-16 text; save it as UTF-8`]);
    return text;
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw new SettingsError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}

/** Whether the whole of an error shall be shown, for those who look for a fault in the program. */
export function wantsDebug(environment: Environment): boolean {
  return environment.RAGFOOD_DEBUG?.trim() === "1";
}
