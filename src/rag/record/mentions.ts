import type { Catalog } from "../catalog/catalog.ts";
import { textsOf } from "../catalog/roles.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { readWords, type Word } from "../vocabulary/words.ts";

/** Words before a phrase that deny it, with up to three between: `no longer in service`. */
const denied =
  /\b(?:no|not|never|without|neither|nor|free (?:of|from)|lacks?)\b(?:\s+[\p{L}]+){0,3}\s*$|n['’]t\s*$/iu;

/**
 * Whether a record says a phrase, in any form of its words: in a sentence that does not deny it, in a value of a field,
 * or by a field of this name that is true. Words that no record has, or all have, do not count if others are left: in
 * records about lighthouses, `granite lighthouses` is `granite`.
 */
export function mentionsPhrase({ text, metadata }: Source, phrase: string, catalog: Catalog): boolean {
  const all = readWords(phrase).map(({ stem }) => stem);
  const known = all.filter((stem) => catalog.frequencies.has(stem));
  const telling = known.filter((stem) => (catalog.frequencies.get(stem) ?? 0) < catalog.recordCount);
  const stems = [telling, known].find(({ length }) => length > 0) ?? all;
  const firstIn = (words: readonly Word[]) =>
    stems.every((stem) => words.some((word) => word.stem === stem))
      ? words.find((word) => stems.includes(word.stem))
      : undefined;
  for (const sentence of splitSentences(text)) {
    const first = firstIn(readWords(sentence));
    if (first !== undefined && !denied.test(sentence.slice(0, first.start))) return true;
  }
  return Object.entries(metadata).some(([field, value]) =>
    typeof value === "boolean"
      ? value && readWords(field).some(({ stem }) => all.includes(stem))
      : textsOf(value).some((each) => firstIn(readWords(each)) !== undefined),
  );
}
