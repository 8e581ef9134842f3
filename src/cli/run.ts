import { type Environment, wantsDebug } from "../config/environment.ts";
import { nearestName } from "../foundation/edit-distance.ts";
import { CancelledError, UsageError } from "../foundation/errors.ts";
import type { Command, CommandDefinition, CommandGroup } from "./command.ts";
import { commands, nameOf } from "./commands.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import { commandHelp, groupHelp, overview } from "./help.ts";
import { withInputFiles } from "./input-files.ts";
import { parseWords } from "./parse.ts";
import type { Terminal } from "./terminal.ts";

export interface RunOptions {
  readonly arguments: readonly string[];
  readonly terminal: Terminal;
  readonly readEnvironment: () => Environment;
  readonly signal: AbortSignal;
  readonly input: NodeJS.ReadStream;
  readonly version: string;
}

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 not checked, 130 stopped by Ctrl-C */
export async function run(options: RunOptions): Promise<number> {
  const words = wordsOf(options.arguments);
  const { terminal } = options;
  const [first] = words;
  if (first === "--version" || first === "-v") {
    terminal.line(options.version);
    return exitCodes.done;
  }
  if (first === undefined || first === "--help" || first === "-h") {
    terminal.block(overview(commands, terminal));
    return first === undefined ? exitCodes.usage : exitCodes.done;
  }
  try {
    const { entry, siblings, rest } = find(words);
    if (has(rest, "--help", "-h")) {
      terminal.block(
        "actions" in entry ? groupHelp(entry, terminal) : commandHelp(entry.definition, terminal),
      );
      return exitCodes.done;
    }
    if ("actions" in entry) throw noAction(entry, rest[0]);
    const values = parseWords(rest, entry.definition, siblings);
    const runCommand = await entry.load();
    const context = {
      terminal,
      environment: options.readEnvironment(),
      signal: options.signal,
      input: options.input,
      pipedFiles: new Set<string>(),
      version: options.version,
    };
    const code = await withInputFiles(values, entry.definition, context, runCommand);
    return code ?? exitCodes.done;
  } catch (thrown) {
    // What waits when Ctrl-C comes may end with an error of Node.js.
    const isAbort = options.signal.aborted && (thrown as Error | undefined)?.name === "AbortError";
    const error = isAbort ? new CancelledError(undefined, { cause: thrown }) : thrown;
    return reportFailure(error, terminal, {
      asJson: has(words, "--json"),
      debug: isDebugging(options.readEnvironment),
    });
  }
}

/** `help ask` is `ask --help`. */
function wordsOf(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first !== "help") return words;
  return rest.length === 0 ? ["--help"] : [...rest, "--help"];
}

/** Whether one of the options is given, before a `--`. */
export function has(words: readonly string[], ...names: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).some((word) => names.includes(word));
}

interface Found {
  readonly entry: Command | CommandGroup;
  /** The actions of the same group. */
  readonly siblings: readonly CommandDefinition[];
  readonly rest: readonly string[];
}

/**
 * The command that the first words name, or the group if they name none of its actions.
 * @throws {UsageError}
 */
function find([name = "", ...rest]: readonly string[]): Found {
  const entry = commands.find((candidate) => nameOf(candidate) === name);
  if (entry === undefined) {
    const meant = nearestName(name, commands.map(nameOf));
    throw new UsageError(
      `Unknown command "${name}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
      {
        hint: "ragfood --help lists the commands.",
      },
    );
  }
  if (!("actions" in entry)) return { entry, siblings: [], rest };
  const siblings = entry.actions.map(({ definition }) => definition);
  const [word, ...others] = rest;
  const named = actionOf(entry, word);
  if (named) return { entry: named, siblings, rest: others };
  const isNamed = word !== undefined && !word.startsWith("-");
  const byDefault = isNamed || has(rest, "--help", "-h") ? undefined : actionOf(entry, entry.defaultAction);
  return { entry: byDefault ?? entry, siblings, rest };
}

function actionOf({ name, actions }: CommandGroup, action: string | undefined): Command | undefined {
  return actions.find(({ definition }) => definition.name === `${name} ${action}`);
}

function noAction({ name, actions }: CommandGroup, word: string | undefined): UsageError {
  const names = actions.map(({ definition }) => definition.name.slice(name.length + 1));
  const hint = `The actions are ${names.join(", ")}. ragfood ${name} --help describes them.`;
  if (word === undefined || word.startsWith("-")) {
    return new UsageError(`Name an action: ragfood ${name} <action>.`, { hint });
  }
  const meant = nearestName(word, names);
  return new UsageError(
    `${name} has no action "${word}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    { hint },
  );
}

/** Reads the environment, perhaps again, so that its secrets are known before an error is reported. */
export function isDebugging(readEnvironment: () => Environment): boolean {
  try {
    return wantsDebug(readEnvironment());
  } catch {
    return false;
  }
}
