import type { Source } from "../source.ts";

/** A line of an answer, with the sources that it rests on. */
export interface AnswerLine {
  readonly text: string;
  readonly sources: readonly Source[];
}

export function line(text: string, ...sources: readonly Source[]): AnswerLine {
  return { text, sources };
}

/** Characters of a line: a text without stops is one sentence. */
const longestLine = 1_200;

/** A number in brackets that a record wrote: only the answer itself cites. */
const foreignCitation = /\[(\d+(?:\s*,\s*\d+)*)\]/g;

/** The line with its citations: `Hummus is vegan. [1]`. A record's text cannot begin lines or cite. */
export function render({ text: raw, sources }: AnswerLine): string {
  const flat = raw.replace(/\s+/g, " ").replace(foreignCitation, "($1)");
  const text = flat.length > longestLine ? `${flat.slice(0, longestLine)}…` : flat;
  const numbers = [...new Set(sources.map(({ number }) => number))];
  return numbers.length === 0 ? text : `${text} ${numbers.map((number) => `[${number}]`).join("")}`;
}

/** The text as a sentence: with a stop at its end. */
export function sentence(text: string): string {
  return /[.!?:]["')\]]?$/.test(text) ? text : `${text}.`;
}

/** `milk, eggs and fish`. */
export function joined(words: readonly string[], conjunction = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** Says which words no record has. */
export function unmentionedLines(words: readonly string[]): AnswerLine[] {
  const quoted = words.map((word) => `“${word}”`);
  return words.length === 0 ? [] : [line(`No record mentions ${joined(quoted, "or")}.`)];
}
