import { phraseKey, readWords } from "../vocabulary/words.ts";
import { labelOf } from "./fields.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Superlative } from "./plan.ts";

/** A quality by which a question ranks or compares records. */
export interface Degree extends Superlative {
  /** As the question writes it: `spiciest`, `most expensive`, `highest in protein`. */
  readonly written: string;
  /** The word that texts have instead: `spicy`, `protein`. */
  readonly base: string;
}

/** `highest in protein`, `lowest sugar` */
const amount =
  /\b(?<degree>richest|highest|most|lowest|least|fewest) (?:in |amount of |content of )?(?<what>\p{L}+(?: c)?)\b/iu;

/** `has the most ingredients`, `takes the least time` */
const count =
  /\b(?:ha(?:s|ve)|with|contains?|uses?|takes?|needs?) the (?<degree>most|fewest|least) (?<what>\p{L}+)/iu;

const least = /^(?:lowest|least|fewest)$/i;

/** `the best way to store basil` asks for no rank. */
const notRanked = /^\s*(?:-|(?:way|time|before|with|known|served|eaten|used|kept|by|if|when|practice)\b)/i;

const speaksOfEnergy = /\b(?:calori\w*|kcal|energy|fattening)\b/i;

/** `Which is older, Brie or Comté?` */
const comparesSome = /\bor\b|\bthan\b/i;

/**
 * The quality by which a question ranks records: `the spiciest dish`, `highest in protein`; with `older … or …` that by
 * which it compares them. `undefined` for energy, and if it ranks nothing.
 */
export function degreeOf(text: string, lexicon: Lexicon): Degree | undefined {
  if (speaksOfEnergy.test(text)) return undefined;
  for (const adjective of lexicon.vocabulary.adjectives) {
    const form = formOf(text, adjective.word);
    if (form === undefined) continue;
    const { word, fields = [], isLess = false } = adjective;
    const field = fieldNamed([word, ...fields], lexicon);
    // Another entry of the word may have a field: `old` by age, or by year.
    const isLast = !lexicon.vocabulary.adjectives.some((each) => each !== adjective && each.word === word);
    if (field === undefined && !isLast && isLess) continue;
    const isMost = form.isMost !== (isLess && field !== undefined);
    return {
      fact: field === undefined ? `how ${word} it is` : labelOf(field),
      direction: isMost ? "most" : "least",
      ...(field !== undefined && { field }),
      written: form.written,
      base: word,
    };
  }
  for (const pattern of [amount, count]) {
    const found = pattern.exec(text);
    const { degree = "", what = "" } = found?.groups ?? {};
    if (found === null) continue;
    const field = fieldNamed([what], lexicon);
    const isNutrient = lexicon.facts.get(`how much ${what}`).length > 0;
    if (pattern === amount && field === undefined && !isNutrient) continue;
    return {
      fact: field === undefined ? what.toLowerCase() : labelOf(field),
      direction: least.test(degree) ? "least" : "most",
      ...(field !== undefined && { field }),
      written: found[0],
      base: pattern === amount ? `${least.test(degree) ? "low" : "high"} in ${what}` : what,
    };
  }
  return undefined;
}

/** `spiciest`, `most spicy`, `least spicy`; `spicier` only between records. */
function formOf(text: string, adjective: string): { written: string; isMost: boolean } | undefined {
  const stem = /[^aeiou]y$/.test(adjective)
    ? `${adjective.slice(0, -1)}i`
    : /^[^aeiou]*[aeiou][bdgt]$/.test(adjective)
      ? adjective + adjective.at(-1)
      : adjective.replace(/e$/, "");
  const irregular: Readonly<Record<string, string>> = { good: "best|better", bad: "worst|worse" };
  const short = irregular[adjective] ?? `${stem}est|${stem}er`;
  const pattern = new RegExp(`\\b(?:${short}|(?:most|least|more|less) ${adjective})\\b`, "i");
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const written = found[0].toLowerCase();
  const isComparative = /(?:er|worse)$|^(?:more|less) /.test(written) && !/est$/.test(written);
  if (isComparative && !comparesSome.test(text)) return undefined;
  if (notRanked.test(text.slice(found.index + written.length))) return undefined;
  return { written: found[0], isMost: !/^(?:least|less) /.test(written) };
}

/** The field with numbers that is called by one of these words. */
function fieldNamed(words: readonly string[], { catalog }: Lexicon): string | undefined {
  const keys = new Set(words.map(phraseKey));
  return catalog.numbers
    .map(([field]) => field)
    .find((field) => readWords(labelOf(field)).some(({ stem }) => keys.has(stem)));
}
