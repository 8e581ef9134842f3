import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import type { Environment } from "../config/environment.ts";
import { parseArguments } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

/** What every command is handed besides its arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The process's standard input. */
  readonly input: NodeJS.ReadStream;
}

/** One command of the command line. */
export interface Command {
  readonly name: string;
  readonly description: string;
  readonly args: ArgsDef;
  /** Whether all words that are not flags belong together as one text. */
  readonly takesText?: boolean;
  /** Whole command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /**
   * @returns the exit code; 0 where it returns nothing
   * @throws {UsageError} for arguments that the command does not take
   */
  run(rawArguments: string[], context: CommandContext): Promise<number | undefined>;
}

interface CommandOptions<T extends ArgsDef> extends Omit<Command, "args" | "run"> {
  readonly args: T;
  run(args: ParsedArgs<T>, context: CommandContext): Promise<number | undefined>;
}

/** A command whose `run` gets its arguments parsed and typed. */
export function defineCommand<const T extends ArgsDef>(options: CommandOptions<T>): Command {
  return {
    ...options,
    run: (rawArguments, context) => options.run(parseArguments(rawArguments, options), context),
  };
}

/** The command as the argument library knows it, for its help text. */
export function toDefinition(command: Command): CommandDef {
  return { meta: { name: `ragfood ${command.name}`, description: command.description }, args: command.args };
}
