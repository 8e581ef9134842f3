import type { Command, CommandDefinition, CommandGroup, OptionDefinition } from "./command.ts";
import type { Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** Help lines are not longer than this, however wide the terminal is. */
const maximumWidth = 100;

/** The list of all commands: `ragfood --help`. */
export function overview(entries: readonly (Command | CommandGroup)[], terminal: Terminal): string {
  const rows = entries.map((entry) => {
    const { name, summary } = "actions" in entry ? entry : entry.definition;
    return [name, summary] as const;
  });
  return [
    "Ask about food, on Upstash Vector or on an index on this machine.",
    "",
    `${heading("Usage:", terminal)} ragfood <command> [arguments]`,
    "",
    ...table(rows, terminal),
    "",
    ...paragraph(
      "ragfood <command> --help shows its options and examples. Settings come from the environment and .env (see .env.example).",
      terminal,
    ),
  ].join("\n");
}

/** The actions of a group: `ragfood migrate --help`. */
export function groupHelp(
  { name, summary, actions, defaultAction }: CommandGroup,
  terminal: Terminal,
): string {
  const rows = actions.map(({ definition }) => {
    const action = definition.name.slice(name.length + 1);
    return [action, `${definition.summary}${action === defaultAction ? " (default)" : ""}`] as const;
  });
  return [
    ...paragraph(`${summary}.`, terminal),
    "",
    `${heading("USAGE", terminal)} ragfood ${name} ${defaultAction === undefined ? "<action>" : "[action]"} [arguments]`,
    "",
    heading("ACTIONS", terminal),
    "",
    ...table(rows, terminal),
    ...exampleSection(
      actions.flatMap(({ definition }) => definition.examples.slice(0, 1)),
      terminal,
    ),
    "",
    `ragfood ${name} <action> --help shows the options and examples of an action.`,
  ].join("\n");
}

/** Arguments and examples of one command: `ragfood search --help`. */
export function commandHelp(definition: CommandDefinition, terminal: Terminal): string {
  const { summary, words = [], options, examples } = definition;
  return [
    ...paragraph(`${summary}.`, terminal),
    "",
    `${heading("USAGE", terminal)} ragfood ${synopsis(definition)}`,
    ...section(
      "ARGUMENTS",
      words.map(({ name, summary: text }) => [name, text] as const),
      terminal,
    ),
    ...section(
      "OPTIONS",
      Object.entries(options).map(([name, option]) => [optionText(name, option), describe(option)] as const),
      terminal,
    ),
    ...exampleSection(examples, terminal),
  ].join("\n");
}

/** One line: the words of a command, and where its options are listed. */
export function usageLine(definition: CommandDefinition): string {
  return `ragfood ${synopsis(definition)}. ragfood ${definition.name} --help lists the options.`;
}

function synopsis({ name, words = [], options }: CommandDefinition): string {
  const required = Object.entries(options).flatMap(([option, { type, ...rest }]) =>
    "required" in rest && rest.required === true
      ? [`--${option} <${valueName(options[option] as OptionDefinition)}>`]
      : [],
  );
  const plain = words.map((word) => {
    const text = word.many === true ? `${word.name} …` : word.name;
    return word.required === true ? `<${text}>` : `[${text}]`;
  });
  return [name, ...plain, ...required, "[options]"].join(" ");
}

function optionText(name: string, option: OptionDefinition): string {
  if (option.type === "flag") return option.default === true ? `--no-${name}` : `--${name}`;
  const short = option.short === undefined ? "" : `-${option.short}, `;
  // A choice of one is written as it is.
  const isFixed = option.type === "choice" && option.choices.length === 1;
  return `${short}--${name} ${isFixed ? valueName(option) : `<${valueName(option)}>`}`;
}

function valueName(option: OptionDefinition): string {
  switch (option.type) {
    case "text":
      return option.value;
    case "file":
      return "file";
    case "integer":
      return "n";
    case "number":
      return `${option.minimum} to ${option.maximum}`;
    case "choice":
      return option.choices.join("|");
    case "flag":
      return "";
  }
}

function describe(option: OptionDefinition): string {
  const value = option.type === "flag" || option.type === "file" ? undefined : option.default;
  return value === undefined ? option.summary : `${option.summary} (default: ${value})`;
}

function section(title: string, rows: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  return rows.length === 0 ? [] : ["", heading(title, terminal), "", ...table(rows, terminal)];
}

function exampleSection(examples: CommandDefinition["examples"], terminal: Terminal): string[] {
  const lines = examples.flatMap(([line, effect]) => [`  ${line}`, ...wrap(effect, widthOf(terminal), 6)]);
  return ["", heading("EXAMPLES", terminal), "", ...lines];
}

/** Longer names get a separate line. */
const longestName = 26;

function table(rows: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  const width = Math.min(longestName, Math.max(...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, text]) => {
    const label = terminal.style("cyan", name.padEnd(width));
    const [first = "", ...others] = wrap(text, widthOf(terminal), width + 4);
    return name.length > width
      ? [`  ${label}`, first, ...others]
      : [`  ${label}  ${first.trimStart()}`, ...others];
  });
}

function paragraph(text: string, terminal: Terminal): string[] {
  return wrap(text, widthOf(terminal));
}

function heading(text: string, terminal: Terminal): string {
  return terminal.style("bold", text);
}

function widthOf(terminal: Terminal): number {
  return Math.min(maximumWidth, terminal.width);
}
