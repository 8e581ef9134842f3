import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { decodeText } from "../foundation/decode-text.ts";
import { SettingsError } from "../foundation/errors.ts";

/** A place of a `.env` that sets nothing, or something else than it seems to say. */
interface EnvironmentFault {
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface EnvironmentFile {
  readonly file: string;
  readonly values: Readonly<Record<string, string>>;
  readonly faults: readonly EnvironmentFault[];
}

/** A name, a value in quotes over as many lines as it takes or plain, and what follows on the line. */
const assignment = /^[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)?.*$/gm;

/** Where the settings of a project are. */
export function environmentPath(directory: string = process.cwd()): string {
  return join(directory, ".env");
}

/**
 * The `.env` of a directory, read as Node.js does, one assignment at a time: a line that sets nothing cannot take
 * the next one with it, and an empty value does not undo one that was given before.
 *
 * @returns undefined if the file does not exist
 * @throws {SettingsError} when it cannot be read
 */
export function readEnvironmentFile(directory?: string): EnvironmentFile | undefined {
  const file = environmentPath(directory);
  const text = readText(file);
  if (text === undefined) return undefined;
  const values: Record<string, string> = {};
  const lineOf = new Map<string, number>();
  const faults: EnvironmentFault[] = strayLines(text).map((line) => ({ line, problem: "is not NAME=value" }));
  for (const match of text.matchAll(assignment)) {
    const line = lineAt(text, match.index);
    const name = match.groups?.name as string;
    const value = parseEnv(match[0])[name] ?? "";
    const change = changeOf(name, match[0].slice(match[0].indexOf("=") + 1).trim(), value);
    if (change !== undefined) faults.push({ line, problem: `${name}: ${change}` });
    const earlier = lineOf.get(name);
    if (value === "" && values[name] !== undefined) {
      if (values[name] !== "")
        faults.push({ line, problem: `${name} is empty here; line ${earlier} counts` });
      continue;
    }
    if (earlier !== undefined && values[name] !== "" && values[name] !== value) {
      faults.push({ line, problem: `${name} is given again; line ${earlier} does not count` });
    }
    values[name] = value;
    lineOf.set(name, line);
  }
  return { file, values, faults: faults.sort((left, right) => left.line - right.line) };
}

/** What a shell would replace: `${HOME}`, `$HOME`, and `~` at the start of a path. */
const expansion = /\$(?:\{\w+\}|[A-Z][A-Z_]+\b)|^~(?:\/|$)/;

/** How the value differs from what the line seems to say. */
function changeOf(name: string, written: string, value: string): string | undefined {
  if (/^['`]/.test(written)) return undefined;
  const [unexpanded] = expansion.exec(value) ?? [];
  if (unexpanded !== undefined) {
    return `${unexpanded} is not replaced here; write the value out, or in single quotes if it is meant as it is`;
  }
  if (written.startsWith('"')) {
    const isPath = /FILE|DIR|PATH/.test(name) || /^"(?:[A-Za-z]:)?\\/.test(written);
    return isPath && written.includes("\\n")
      ? "\\n in double quotes is a line break; write a path in single quotes"
      : undefined;
  }
  return written[value.length] === "#"
    ? "what follows # is a comment; write a value that holds # in quotes"
    : undefined;
}

/** Lines that are no assignment, no comment and not blank. */
function strayLines(text: string): number[] {
  const others = text.replace(assignment, (found) => found.replace(/[^\n]/g, "")).split("\n");
  return others.flatMap((line, place) => (/^\s*(?:#|$)/.test(line) ? [] : [place + 1]));
}

function lineAt(text: string, place: number): number {
  return text.slice(0, place).split("\n").length;
}

function readText(file: string): string | undefined {
  try {
    const text = decodeText(readFileSync(file));
    if (text.includes("\0")) throw new SettingsError([`${file} is UTF-16 text; save it as UTF-8`]);
    return text;
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw new SettingsError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}
