import { invisibleCharacters, lineEnds } from "../foundation/invisible-text.ts";

/** Text from outside for a terminal: without characters that steer it or that nobody sees. Line ends and tabs stay. */
export function printable(text: string): string {
  return text
    .replace(lineEnds, "\n")
    .replace(invisibleCharacters, (character) => (character === "\n" || character === "\t" ? character : ""));
}

/** The same on one line: a text from outside must not begin lines of its own. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}

/** A name or an id from outside, as it is if every character of it shows, else as JSON with escapes. */
export function nameText(name: string): string {
  return name !== "" && oneLine(name) === name && name.trim() === name
    ? name
    : escapeJson(JSON.stringify(name));
}

/** JSON text of the same values: characters that steer a terminal or that nobody sees are written as escapes. */
export function escapeJson(json: string): string {
  return json
    .replace(/[\u2028\u2029]/g, unicodeEscape)
    .replace(invisibleCharacters, (character) => (character === "\n" ? character : unicodeEscape(character)));
}

function unicodeEscape(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    return `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`;
  }).join("");
}
