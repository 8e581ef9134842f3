import { isStopTerm, stem } from "./tokenizer.ts";

const word = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;
const combiningMarks = /\p{M}+/gu;
const apostrophes = /['’]/g;

/**
 * The terms of a text by version 1 of the tokenizer. An index of that version uses it to distinguish sparse vectors
 * made from a record's text from those that a caller supplied.
 */
export function tokenizeByVersion1(text: string): string[] {
  const folded = text.toLowerCase().normalize("NFKD").replace(combiningMarks, "");
  return Array.from(folded.matchAll(word), ([token]) => token.replace(apostrophes, "'"))
    .filter((token) => !isStopTerm(token))
    .map((token) => stem(token.replace(/['’]s$/, "").replace(apostrophes, "")));
}
