import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";

/** Parts of a field's name that say how it is measured. */
const unit = /^(?:g|kg|mg|ml|l|cm|mm|m|kcal|kj|per|100g|100|of|in|usd|eur|minutes|months|years|days)$/i;

/** Words of questions that ask for a field, beside adjectives: `When was it lit?` asks for a year. */
const askedBy: readonly (readonly [words: RegExp, fields: readonly string[]])[] = [
  [/\bhigh(?:er|est)?\b/i, ["height", "elevation"]],
  [/\b(?:when|before|after|since|which year)\b/i, ["year", "date"]],
  [/\b(?:made|built|consists?) (?:from|of)\b/i, ["material"]],
  [/\bhow much\b/i, ["price", "cost"]],
  [/\bwho\b/i, ["author", "owner", "architect"]],
];

/** `protein` of `protein_g_per_100g` */
export function labelOf(field: string): string {
  const words = field.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u);
  return (words.filter((word) => !unit.test(word)).join(" ") || field).toLowerCase();
}

/** The fields that a question asks for: by their names, by an adjective (`How tall`) or by another word (`When`). */
export function fieldsAsked(question: string, fields: readonly string[]): string[] {
  const stems = new Set(readWords(question).map(({ stem }) => stem));
  const meant = new Set(stems);
  const add = (names: readonly string[]) => {
    for (const name of names) meant.add(phraseKey(name));
  };
  for (const [words, names] of askedBy) if (words.test(question)) add(names);
  for (const { word, fields: names = [] } of readVocabulary().adjectives)
    if (new RegExp(`\\b${word}(?:er|est)?\\b`, "i").test(question)) add(names);
  return [...new Set(fields)].filter((field) =>
    readWords(labelOf(field)).some(({ stem, isStop }) => !isStop && meant.has(stem)),
  );
}
