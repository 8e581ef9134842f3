import { parseArgs, stripVTControlCharacters } from "node:util";
import { type ArgsDef, type ParsedArgs, parseArgs as readArguments } from "citty";
import { UsageError } from "../errors.ts";

/** What the arguments of a command are read by. */
export interface ArgumentRules<T extends ArgsDef> {
  readonly name: string;
  readonly args: T;
  /** Whether all words that are not flags belong together as one text. */
  readonly takesText?: boolean;
}

/**
 * The arguments of a command. Stricter than the library: a flag that the command does not have, a value
 * that is missing, or a word too many is an error.
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
    const { positionals } = parseArgs({ args: rawArguments, options, allowPositionals: true, strict: true });
    const surplus = rules.takesText === true ? undefined : positionals[positionalsOf(definition).length];
    if (surplus !== undefined) throw new TypeError(`Unexpected word "${surplus}" after ${rules.name}`);
    return readArguments<T>(rawArguments, definition);
  } catch (error) {
    throw new UsageError(`${plainMessage(error as Error)}.`, { hint: usageLine(rules), cause: error });
  }
}

function positionalsOf(definition: ArgsDef): string[] {
  return Object.entries(definition).flatMap(([name, { type }]) => (type === "positional" ? [name] : []));
}

function usageLine({ name, args, takesText }: ArgumentRules<ArgsDef>): string {
  const words = positionalsOf(args).map((word) => ` [${word}${takesText === true ? " …" : ""}]`);
  return `Usage: ragfood ${name}${words.join("")} [options]. ragfood ${name} --help lists the options.`;
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
