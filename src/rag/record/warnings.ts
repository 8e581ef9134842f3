import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { phraseTable } from "../vocabulary/phrases.ts";
import { familyNamed, readVocabulary, type Warning } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";
import { nameOf } from "./facts.ts";
import { namesOfIngredient } from "./ingredients.ts";
import { judgeAllergen, judgeIngredient } from "./judge.ts";

/** Who may be in danger: how questions and records name them. */
const atRisk: readonly (readonly [who: string, names: RegExp])[] = [
  ["dogs", /\b(?:dogs?|pupp(?:y|ies)|pets?|animals)\b/i],
  ["cats", /\b(?:cats?|kittens?|pets?|animals)\b/i],
  ["babies or children", /\b(?:bab(?:y|ies)|infants?|toddlers?|child(?:ren)?|kids?)\b/i],
  ["pregnancy", /\b(?:pregnan\w*|breastfeed\w*)\b/i],
];

/** Who of those in danger a text names: `babies or children`. */
export function personsIn(text: string): string[] {
  return atRisk.filter(([, names]) => names.test(text)).map(([who]) => who);
}

/** A sentence that says what is in a food, not what it goes with or tastes like. */
const saysWhatIsInIt = /\b(?:contains?|made (?:with|of|from)|sweetened with|soaked in)\b/i;

/**
 * What the ingredients of a record mean for persons in danger whom its text does not warn: honey in a cake for a baby.
 *
 * @example warningsOf(makowiec, ["babies or children"]) // ["Makowiec contains honey. Honey is not for babies …"]
 */
export function warningsOf(source: Source, persons: readonly string[]): string[] {
  const name = nameOf(source);
  return readVocabulary().warnings.flatMap((warning) => {
    const concerned = warning.persons.filter((who) => persons.includes(who));
    if (concerned.length === 0) return [];
    const names = phraseTable(warning.ingredients.flatMap((each) => namesOfIngredient(each)));
    const isItself = names.get(name).length > 0;
    const isSaid = splitSentences(source.text).some(
      (sentence) =>
        personsIn(sentence).some((who) => concerned.includes(who)) &&
        (isItself || names.isIn(readWords(sentence))),
    );
    const holding = isSaid ? undefined : howHeld(source, warning);
    if (holding === undefined) return [];
    return isItself ? warning.note : `${name} ${holding}. ${warning.note}`;
  });
}

/** How a record holds what a warning is about: `contains honey`; `undefined` if it does not. */
function howHeld(source: Source, { ingredients }: Warning): string | undefined {
  const named = ingredients.join(" or ");
  const family = familyNamed(named);
  const { verdict, evidence } = family
    ? judgeAllergen(source, family)
    : judgeIngredient(
        source,
        ingredients.flatMap((each) => namesOfIngredient(each)),
      );
  if (verdict === "contains") return `contains ${/^ingredients: (.*)/.exec(evidence)?.[1] ?? named}`;
  const isPossible = evidence.startsWith("may contain:") || saysWhatIsInIt.test(evidence);
  return verdict === "may contain" && isPossible ? `may contain ${named}` : undefined;
}
