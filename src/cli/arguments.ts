import { parseArgs, stripVTControlCharacters } from "node:util";
import { type ArgsDef, type ParsedArgs, parseArgs as readArguments } from "citty";
import { UsageError } from "../errors.ts";

/**
 * The arguments of a command. Stricter than the library: a flag that the command does not have, a value
 * that is missing, or a word too many is an error.
 *
 * @throws {UsageError}
 */
export function parseArguments<T extends ArgsDef>(rawArguments: string[], definition: T): ParsedArgs<T> {
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
    parseArgs({ args: rawArguments, options, allowPositionals: true, strict: true });
    return readArguments<T>(rawArguments, definition);
  } catch (error) {
    throw new UsageError(plainMessage(error as Error), { hint: "--help lists the arguments.", cause: error });
  }
}

/** The library's message, without its advice on `--` and its colours. */
function plainMessage(error: Error): string {
  return stripVTControlCharacters(error.message.split(/\. To specify|\.\s*$/)[0] ?? "");
}

/** @throws {UsageError} unless the text is a whole number in the range */
export function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < minimum || value > maximum) {
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
