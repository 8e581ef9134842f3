import { parseArgs } from "node:util";
import { nearestName } from "../foundation/edit-distance.ts";
import { UsageError } from "../foundation/errors.ts";
import type { CommandDefinition, FlagOption, OptionDefinition, ValuesOf, WordDefinition } from "./command.ts";
import { usageLine } from "./help.ts";

type Value = string | number | boolean | readonly string[] | undefined;
type ValuedOption = Exclude<OptionDefinition, FlagOption>;

/**
 * Parses the words of a command line. An unknown option, a missing value, a value out of range, an option that is
 * given twice and a word too many are errors.
 *
 * @param siblings other actions of the same group: if one of them has an unknown option, the error says so
 * @throws {UsageError} with the usage of the command as its hint
 */
export function parseWords<D extends CommandDefinition>(
  words: readonly string[],
  definition: D,
  siblings: readonly CommandDefinition[] = [],
): ValuesOf<D> {
  try {
    return Object.fromEntries(parse(words, definition, siblings)) as ValuesOf<D>;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, { hint: `Usage: ${usageLine(definition)}`, cause: error });
  }
}

function parse(
  words: readonly string[],
  definition: CommandDefinition,
  siblings: readonly CommandDefinition[],
): Map<string, Value> {
  const { options } = definition;
  const { tokens } = parseArgs({
    args: [...words],
    options: parserOptions(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, Value>();
  const plain: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") plain.push(token.value);
    else if (token.kind === "option") {
      const name = optionOf(token, definition, siblings);
      addOption(given, name, token, options[name] as OptionDefinition);
    }
  }
  const values = placeWords(plain, definition);
  for (const [name, option] of Object.entries(options)) {
    const value = given.get(name) ?? defaultOf(option);
    if (value === undefined && option.type !== "flag" && option.required === true)
      throw new UsageError(`--${name} is missing.`);
    values.set(name, value);
  }
  return values;
}

function parserOptions(options: CommandDefinition["options"]) {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === "flag"
        ? { type: "boolean" as const }
        : { type: "string" as const, ...(option.short !== undefined && { short: option.short }) },
    ]),
  );
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function addOption(
  given: Map<string, Value>,
  name: string,
  token: OptionToken,
  option: OptionDefinition,
): void {
  if (option.type === "flag") {
    if (token.value !== undefined) throw new UsageError(`Option '--${name}' takes no value.`);
    given.set(name, token.name === name);
    return;
  }
  const value = parseValue(name, textOf(token, name), option);
  if (option.type === "text" && option.many === true) {
    given.set(name, [...((given.get(name) as readonly string[]) ?? []), value as string]);
    return;
  }
  // Of two values one would be ignored: a filter that does not filter, a namespace that is not used.
  if (given.has(name)) throw new UsageError(`Option '--${name}' is given more than once.`);
  given.set(name, value);
}

/** The option that a token names; `no-…` names one that is on by default. @throws {UsageError} if it does not exist */
function optionOf(
  { name, rawName }: OptionToken,
  { name: command, options }: CommandDefinition,
  siblings: readonly CommandDefinition[],
): string {
  if (Object.hasOwn(options, name)) return name;
  const positive = name.startsWith("no-") ? name.slice(3) : "";
  const option = Object.hasOwn(options, positive) ? options[positive] : undefined;
  if (option?.type === "flag" && option.default === true) return positive;
  const others = siblings.filter((sibling) => Object.hasOwn(sibling.options, name));
  if (others.length > 0) {
    const names = others.map((sibling) => sibling.name).join(", ");
    throw new UsageError(`${command} has no ${rawName}. These have it: ${names}.`);
  }
  const meant = rawName.startsWith("--") ? nearestName(name, Object.keys(options)) : undefined;
  throw new UsageError(
    `Unknown option '${rawName}'.${meant === undefined ? "" : ` Did you mean --${meant}?`}`,
  );
}

function textOf({ value, inlineValue }: OptionToken, name: string): string {
  if (value === undefined) throw new UsageError(`Option '--${name}' needs a value.`);
  if (inlineValue !== true && /^-./.test(value)) {
    throw new UsageError(
      `Option '--${name}' needs a value. If "${value}" is the value, write --${name}=${value}.`,
    );
  }
  return value;
}

function parseValue(name: string, text: string, option: ValuedOption): string | number {
  switch (option.type) {
    case "text":
    case "file":
      return text;
    case "integer": {
      const { minimum, maximum } = option;
      if (/^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum) return Number(text);
      throw new UsageError(
        `--${name} has to be a whole number from ${minimum} to ${maximum}; it is "${text}".`,
      );
    }
    case "number": {
      const { minimum, maximum } = option;
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (value >= minimum && value <= maximum) return value;
      throw new UsageError(`--${name} has to be a number from ${minimum} to ${maximum}; it is "${text}".`);
    }
    case "choice": {
      const choice = option.choices.find((name) => name.toLowerCase() === text.toLowerCase());
      if (choice !== undefined) return choice;
      throw new UsageError(`--${name} has to be ${oneOf(option.choices)}; it is "${text}".`);
    }
  }
}

/** `a, b or c` */
function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function defaultOf(option: OptionDefinition): Value {
  if (option.type === "flag") return option.default ?? false;
  if (option.type === "file") return undefined;
  return option.type === "text" && option.many === true ? [] : option.default;
}

/** @throws {UsageError} for a word that is missing or one too many */
function placeWords(plain: readonly string[], { name, words = [] }: CommandDefinition): Map<string, Value> {
  const values = new Map<string, Value>();
  let place = 0;
  for (const word of words) {
    const rest = plain.slice(place);
    if (word.required === true && rest.length === 0) throw missing(word);
    values.set(word.name, word.many === true ? rest : rest[0]);
    place += word.many === true ? rest.length : 1;
  }
  const surplus = plain[place];
  if (surplus !== undefined) throw new UsageError(`Unexpected word "${surplus}" after ${name}.`);
  return values;
}

function missing({ name, summary }: WordDefinition): UsageError {
  return new UsageError(`<${name}> is missing: ${summary}.`);
}
