import { invisibleCharacters, lineEnds } from "../foundation/invisible-text.ts";

/**
 * Text from outside as a prompt may hold it. Nothing in it can be taken for a part of the prompt: no
 * tag, no citation, no marker of a chat template, no line that does not say that it is quoted, and no
 * character that a person who reads the record would not see (SEC-5).
 */

/** Characters of one text that a prompt takes, about 1,000 tokens: a longer one would push out the rest. */
export const maximumQuotedCharacters = 4_000;

/** Characters of a region or a type. */
const maximumWordCharacters = 200;

/** What begins every line of a quoted text. */
const linePrefix = "| ";

/** Tags, and the brackets of citations and of chat templates like `[INST]` and `<|start_header_id|>`. */
const delimiters: Readonly<Record<string, string>> = {
  "<": "‹",
  ">": "›",
  "[": "(",
  "]": ")",
  '"': "'",
};

/** Lines that each begin with `| `. */
export function quotedLines(text: string): string {
  return text
    .slice(0, maximumQuotedCharacters)
    .split(lineEnds)
    .map((line) => linePrefix + harmless(line))
    .join("\n");
}

/** One line, for an attribute. */
export function quotedWord(text: string): string {
  return harmless(text.slice(0, maximumWordCharacters).replace(lineEnds, " "));
}

function harmless(line: string): string {
  return line
    .replaceAll("\t", " ")
    .replace(invisibleCharacters, "")
    .replace(/[<>[\]"]/g, (character) => delimiters[character] ?? "");
}
