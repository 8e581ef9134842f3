import { stripVTControlCharacters } from "node:util";
import { renderUsage } from "citty";
import { type Environment, wantsDebug } from "../config/environment.ts";
import { nearestName } from "../foundation/edit-distance.ts";
import { UsageError } from "../foundation/errors.ts";
import { type Command, toDefinition } from "./command.ts";
import { commandLoaders, commandSummaries } from "./commands.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

export interface RunOptions {
  readonly arguments: readonly string[];
  readonly terminal: Terminal;
  readonly readEnvironment: () => Environment;
  readonly signal: AbortSignal;
  readonly input: NodeJS.ReadStream;
  readonly version: string;
}

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 called wrongly, 130 stopped by Ctrl-C */
export async function run(options: RunOptions): Promise<number> {
  const [name, ...rest] = wordsOf(options.arguments);
  const { terminal } = options;
  if (name === "--version" || name === "-v") {
    terminal.line(options.version);
    return exitCodes.done;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    terminal.line(overview(terminal));
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  try {
    const load = Object.hasOwn(commandLoaders, name) ? commandLoaders[name] : undefined;
    if (load === undefined) {
      const meant = nearestName(name, Object.keys(commandLoaders));
      throw new UsageError(
        `There is no command "${name}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
        { hint: "ragfood --help lists the commands." },
      );
    }
    const command = await load();
    if (asksForHelp(rest)) {
      terminal.line(await helpText(command, terminal));
      return exitCodes.done;
    }
    const context = {
      terminal,
      environment: options.readEnvironment(),
      signal: options.signal,
      input: options.input,
    };
    return (await command.run(rest, context)) ?? exitCodes.done;
  } catch (error) {
    return reportFailure(error, terminal, {
      asJson: rest.includes("--json"),
      debug: isDebugging(options.readEnvironment),
    });
  }
}

/** `help ask` is `ask --help`. */
function wordsOf(words: readonly string[]): readonly string[] {
  const [first, name] = words;
  return first === "help" && name !== undefined ? [name, "--help"] : words;
}

/** Reads the environment, perhaps anew: what is reported next must not hold a secret of it. */
export function isDebugging(readEnvironment: () => Environment): boolean {
  try {
    return wantsDebug(readEnvironment());
  } catch {
    return false;
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === "--help" || word === "-h");
}

function overview(terminal: Terminal): string {
  const width = Math.max(...Object.keys(commandSummaries).map((name) => name.length));
  const lines = Object.entries(commandSummaries).map(
    ([name, summary]) => `  ${terminal.style("cyan", name.padEnd(width))}  ${summary}`,
  );
  return [
    "Ask about food, on Upstash Vector or on an index of your own machine.",
    "",
    `${terminal.style("bold", "Usage:")} ragfood <command> [arguments]`,
    "",
    ...lines,
    "",
    "ragfood <command> --help tells more. Settings come from the environment and .env (see .env.example).",
  ].join("\n");
}

async function helpText(command: Command, terminal: Terminal): Promise<string> {
  const usage = await renderUsage(toDefinition(command));
  const examples = command.examples.flatMap(([line, purpose]) => [`  ${line}`, `      ${purpose}`]);
  return `${stripVTControlCharacters(usage)}\n${terminal.style("bold", "EXAMPLES")}\n\n${examples.join("\n")}`;
}
