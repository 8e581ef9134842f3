/**
 * Characters that a reader does not see: controls, directions, tags, fillers, variation selectors, private and
 * broken characters. They can make one text look like another, or hide text.
 */

/** A joiner inside a word, as Persian and Hindi need it, or inside an emoji; a selector of an emoji's form. */
const visibleJoiners =
  /(?<=[\p{L}\p{M}\p{Extended_Pictographic}]|\ufe0f)[\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}])|(?<=\p{Emoji})\ufe0f/u;

/** Joiners that words and emoji need are not among them. */
export const invisibleCharacters: RegExp = new RegExp(
  `(?!${visibleJoiners.source})[\\p{Default_Ignorable_Code_Point}\\p{Cf}\\p{Cc}\\p{Co}\\p{Cs}]`,
  "gu",
);

/** The ends of lines in Unicode, each pair of carriage return and line feed as one. */
export const lineEnds: RegExp = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;

/** A JSON text with control characters and invisible characters escaped. */
export function escapeJson(json: string): string {
  return json
    .replace(/[\u2028\u2029]/g, unicodeEscape)
    .replace(invisibleCharacters, (character) => (character === "\n" ? character : unicodeEscape(character)));
}

/** `\\u00e9`, one escape for each UTF-16 unit. */
export function unicodeEscape(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => {
    return `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`;
  }).join("");
}
