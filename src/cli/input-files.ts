import { createReadStream, createWriteStream, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CancelledError } from "../foundation/errors.ts";
import { makeTemporaryDirectory } from "../foundation/temporary-directory.ts";
import type { CommandContext, CommandDefinition, ValuesOf } from "./command.ts";

/** Paths of the process's own standard input. Opening it by path fails if it is a socket. */
const standardInput = new Set(["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

type Values = ValuesOf<CommandDefinition>;

/**
 * Gives a command regular files in place of pipes: `-`, `/dev/stdin`, `<(…)`. Commands read a data file twice, once
 * before anything is written, and read some files by position. Messages still show the path that was given.
 *
 * @throws {CancelledError} when the signal fires
 */
export async function withInputFiles<T>(
  values: Values,
  definition: CommandDefinition,
  context: CommandContext,
  action: (values: Values, context: CommandContext) => Promise<T>,
): Promise<T> {
  const pipes = fileArguments(definition).filter((name) => isPipe(values[name]));
  if (pipes.length === 0) return await action(values, context);
  const directory = makeTemporaryDirectory("ragfood-input-", context.environment.RAGFOOD_DIR ?? ".ragfood");
  try {
    const replaced = new Map<string, string>();
    const names = new Map<string, string>();
    for (const name of pipes) {
      const given = values[name] as string;
      const file = join(directory, name);
      await copy(given, file, context);
      names.set(file, standardInput.has(given) ? "standard input" : given);
      replaced.set(name, file);
    }
    context.terminal.rename(names);
    return await action(
      { ...values, ...Object.fromEntries(replaced) },
      { ...context, pipedFiles: new Set(names.keys()) },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function fileArguments({ words = [], options }: CommandDefinition): string[] {
  return [
    ...words.flatMap(({ name, type }) => (type === "file" ? [name] : [])),
    ...Object.entries(options).flatMap(([name, { type }]) => (type === "file" ? [name] : [])),
  ];
}

function isPipe(path: unknown): boolean {
  if (typeof path !== "string") return false;
  if (standardInput.has(path)) return true;
  try {
    const stats = statSync(path);
    return !stats.isFile() && !stats.isDirectory();
  } catch {
    // The command that reads it reports what is wrong.
    return false;
  }
}

async function copy(path: string, file: string, { input, signal }: CommandContext): Promise<void> {
  const source = standardInput.has(path) ? input : createReadStream(path);
  try {
    await pipeline(source, createWriteStream(file), { signal });
  } catch (error) {
    if (signal.aborted) throw new CancelledError("Stopped; nothing was written.", { cause: error });
    throw error;
  }
}
