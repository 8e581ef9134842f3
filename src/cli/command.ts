import type { Environment } from "../config/environment.ts";
import type { Terminal } from "./terminal.ts";

interface Described {
  /** One phrase for the help text. */
  readonly summary: string;
}

/** `--name`: on or off. One that is on by default is turned off with `--no-name`. */
export interface FlagOption extends Described {
  readonly type: "flag";
  readonly default?: boolean;
}

interface ValueOption extends Described {
  /** One letter: `-k 5` for `--top-k 5`. */
  readonly short?: string;
  readonly required?: true;
}

export interface TextOption extends ValueOption {
  readonly type: "text";
  /** What the help text calls the value: `file`, `name`. */
  readonly value: string;
  readonly default?: string;
  /** The option may be given several times; its value is a list. */
  readonly many?: true;
}

/** A whole number in plain digits. */
export interface IntegerOption extends ValueOption {
  readonly type: "integer";
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}

interface NumberOption extends ValueOption {
  readonly type: "number";
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}

/** One of some names, in upper or lower case. */
interface ChoiceOption extends ValueOption {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A file that the command reads. It may be a pipe, or `-` for standard input. */
interface FileOption extends ValueOption {
  readonly type: "file";
}

export type OptionDefinition =
  | FlagOption
  | TextOption
  | FileOption
  | IntegerOption
  | NumberOption
  | ChoiceOption;

/** A word without a dash, by its place on the command line. */
export interface WordDefinition extends Described {
  readonly name: string;
  /** As `FileOption`. */
  readonly type?: "file";
  readonly required?: true;
  /** The last word only: takes all words that are left, as a list. */
  readonly many?: true;
}

/**
 * One command as data: help texts, usage errors and the types of its arguments come from it. It loads nothing, so
 * that the modules of a command load only when it runs.
 */
export interface CommandDefinition {
  /** `search`, or with its group `migrate run`. */
  readonly name: string;
  /** In the imperative: `Show the best matches for a text`. */
  readonly summary: string;
  readonly words?: readonly WordDefinition[];
  readonly options: Readonly<Record<string, OptionDefinition>>;
  /** Whole command lines, each with its effect. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
}

type Parsed<O> = O extends { readonly type: "integer" | "number" }
  ? number
  : O extends { readonly type: "choice"; readonly choices: readonly (infer C)[] }
    ? C
    : string;

type OptionValue<O> = O extends { readonly type: "flag" }
  ? boolean
  : O extends { readonly many: true }
    ? readonly string[]
    : O extends { readonly required: true } | { readonly default: unknown }
      ? Parsed<O>
      : Parsed<O> | undefined;

type WordValue<W> = W extends { readonly many: true }
  ? readonly string[]
  : W extends { readonly required: true }
    ? string
    : string | undefined;

type WordsOf<D extends CommandDefinition> = D["words"] extends readonly WordDefinition[]
  ? D["words"][number]
  : never;

/** The parsed arguments of a command: one property for each word and each option. */
export type ValuesOf<D extends CommandDefinition> = {
  readonly [W in WordsOf<D> as W["name"]]: WordValue<W>;
} & { readonly [N in keyof D["options"]]: OptionValue<D["options"][N]> };

/** What every command receives besides its arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The process's standard input. */
  readonly input: NodeJS.ReadStream;
  /** The file arguments that were pipes; they exist only until the command ends. */
  readonly pipedFiles: ReadonlySet<string>;
  /** The version of ragfood. */
  readonly version: string;
}

/** Runs a command. @returns the exit code; `undefined` means 0 */
export type Run<D extends CommandDefinition> = (
  values: ValuesOf<D>,
  context: CommandContext,
) => Promise<number | undefined>;

/** A definition with the loader of its code. */
export interface Command {
  readonly definition: CommandDefinition;
  readonly load: () => Promise<Run<CommandDefinition>>;
}

/** A command whose first word selects an action with separate arguments: `migrate run`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly actions: readonly Command[];
  /** The default action. */
  readonly defaultAction?: string;
}

/** Joins a definition with its code; the compiler checks that their arguments fit. */
export function command<D extends CommandDefinition>(definition: D, load: () => Promise<Run<D>>): Command {
  return { definition, load: load as Command["load"] };
}
