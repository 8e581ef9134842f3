import { escapeJson, unicodeEscape } from "./invisible-text.ts";

/** Characters of a text that a message shows. */
const maximumCharacters = 100;
/** Spaces that look like one plain space. */
const oddSpaces = /[^\S ]|(?<= ) /gu;

/**
 * A foreign name, id or key in a message: as JSON, with every character escaped that a reader cannot see. Texts that
 * differ only in Unicode normalisation look different. A long text is cut, and its length is added.
 */
export function quoted(text: string): string {
  const json = escapeJson(JSON.stringify(text.slice(0, maximumCharacters))).replace(oddSpaces, unicodeEscape);
  const shown = json.normalize() === json ? json : json.replace(/\P{ASCII}/gu, unicodeEscape);
  if (text.length <= maximumCharacters) return shown;
  return `${shown.slice(0, -1)}…" (${text.length.toLocaleString("en")} characters)`;
}

/** A fault of a record in a list: `"f-7": it has no vector`. */
export function faultText({ id, problem }: { readonly id?: string; readonly problem: string }): string {
  return id === undefined ? problem : `${quoted(id)}: ${problem}`;
}
