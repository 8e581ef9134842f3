import { escapeJson, invisibleCharacters, lineEnds } from "../foundation/invisible-text.ts";

/** Foreign text for a terminal, without control characters and invisible characters. Keeps line ends and tabs. */
export function printable(text: string): string {
  return text
    .replace(lineEnds, "\n")
    .replace(invisibleCharacters, (character) => (character === "\n" || character === "\t" ? character : ""));
}

/** The same on one line, because foreign text must not start new lines. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}

/** A foreign name or id: unchanged if all its characters are visible, otherwise as JSON with escapes. */
export function nameText(name: string): string {
  return name !== "" && oneLine(name) === name && name.trim() === name
    ? name
    : escapeJson(JSON.stringify(name));
}
