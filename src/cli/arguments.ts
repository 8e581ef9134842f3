import { parseArgs, stripVTControlCharacters } from "node:util";
import { type ArgsDef, type ParsedArgs, parseArgs as readArguments } from "citty";
import { nearestName } from "../foundation/edit-distance.ts";
import { UsageError } from "../foundation/errors.ts";

/** What the arguments of a command are read by. */
export interface ArgumentRules<T extends ArgsDef> {
  readonly name: string;
  readonly args: T;
  /** Whether all words that are not flags belong together as one text. */
  readonly takesText?: boolean;
}

/**
 * The arguments of a command. Stricter than the library: a flag that the command does not have, a value
 * that is missing, one that is given twice, or a word too many is an error.
 *
 * @throws {UsageError} that names what is wrong and shows the usage
 */
export function parseArguments<T extends ArgsDef>(
  rawArguments: string[],
  rules: ArgumentRules<T>,
): ParsedArgs<T> {
  const { args: definition } = rules;
  const options: Record<string, { type: "string" | "boolean"; short?: string; multiple: boolean }> = {};
  for (const [name, argument] of Object.entries(definition)) {
    if (argument.type === "positional") continue;
    const alias = "alias" in argument ? argument.alias : undefined;
    const isSwitch = argument.type === "boolean";
    options[name] = {
      type: isSwitch ? "boolean" : "string",
      multiple: true,
      ...(typeof alias === "string" && alias.length === 1 && { short: alias }),
    };
    // What is on by itself can be turned off.
    if (isSwitch && argument.default === true) options[`no-${name}`] = { type: "boolean", multiple: true };
  }
  try {
    const { positionals, tokens } = parseArgs({
      args: rawArguments,
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    requireOnce(
      tokens.flatMap((token) => (token.kind === "option" && token.value !== undefined ? [token.name] : [])),
    );
    const surplus = rules.takesText === true ? undefined : positionals[positionalsOf(definition).length];
    if (surplus !== undefined) throw new TypeError(`Unexpected word "${surplus}" after ${rules.name}`);
    return readArguments<T>(rawArguments, definition);
  } catch (error) {
    const message = `${plainMessage(error as Error)}.${meantOption(error as Error, Object.keys(options))}`;
    throw new UsageError(message, { hint: usageLine(rules), cause: error });
  }
}

/** Of two values one would go unheeded: a filter that does not filter, a namespace that is not the one. */
function requireOnce(names: readonly string[]): void {
  const repeated = names.find((name, place) => names.indexOf(name) !== place);
  if (repeated !== undefined) throw new TypeError(`Option '--${repeated}' is given more than once`);
}

function positionalsOf(definition: ArgsDef): string[] {
  return Object.entries(definition).flatMap(([name, { type }]) => (type === "positional" ? [name] : []));
}

function usageLine({ name, args, takesText }: ArgumentRules<ArgsDef>): string {
  const words = positionalsOf(args).map((word) => {
    if (takesText === true) return ` [${word} …]`;
    return args[word]?.required === true ? ` <${word}>` : ` [${word}]`;
  });
  return `Usage: ragfood ${name}${words.join("")} [options]. ragfood ${name} --help lists the options.`;
}

/** The option that was meant by one that there is not. */
function meantOption({ message }: Error, names: readonly string[]): string {
  const unknown = /^Unknown option '--([^']+)'/.exec(message)?.[1];
  const meant = unknown === undefined ? undefined : nearestName(unknown, names);
  return meant === undefined ? "" : ` Did you mean --${meant}?`;
}

/** The library's message, without its advice on `--` and its colours. */
function plainMessage(error: Error): string {
  return stripVTControlCharacters(error.message.split(/\. To specify|\.\s*$/)[0] ?? "");
}

/** @throws {UsageError} unless the text is a whole number in the range, in plain digits */
export function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new UsageError(
      `--${name} has to be a whole number from ${minimum} to ${maximum}; it is "${text}".`,
    );
  }
  return value;
}

/** @throws {UsageError} unless the text is one of the choices */
export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text.toUpperCase());
  if (choice === undefined) {
    throw new UsageError(`--${name} has to be one of ${choices.join(", ")}; it is "${text}".`);
  }
  return choice;
}

/** @throws {UsageError} unless the text is a number from 0 to 1 */
export function share(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new UsageError(`--${name} has to be a number from 0 to 1; it is "${text}".`);
}
