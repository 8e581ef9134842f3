import type { Lexicon } from "./lexicon.ts";

/** `Glutenfree`, `eggless`, German `glutenfrei`, Dutch `glutenvrij`: one word for what foods must be without. */
const compound = /(?<![\p{L}\p{N}'’-])(\p{L}{3,}?)(free|frei(?:e[nrs]?)?|fri|vrij|less)(?![\p{L}\p{N}])/giu;

/** Parts that are cut away from a food, not left out of a dish: `seedless grapes`. */
const cutAway = /^(?:bone|seed|skin|stone|pit)s?$/i;

/** Not `Uzbek non`, which is bread. */
const negation = /\bnon(?:-|\s+(?=(?:alcohol|dairy|gluten|halal|kosher|meat|spicy|vega|vege)))/gi;

/** `Isn't hummus vegan?` asks the same as `Is hummus vegan?`. */
const politeNegation =
  /^(\W*)(?:(is|are|does)n['’]t|(can)['’]t(?= (?:people|vegans?|vegetarians?|muslims?|co?eliacs?|babies|children)\b))/i;

/**
 * Writes short forms for what foods must be without, or must not be, in the form that the analysis reads.
 *
 * @example writeOut("eggless cake", lexicon) // "egg-free cake"
 */
export function writeOut(text: string, { allergens, diets, ingredients }: Lexicon): string {
  return text
    .replace(politeNegation, "$1$2$3")
    .replace(negation, "not ")
    .replace(compound, (word: string, matter: string) => {
      const isMatter = allergens.get(matter).length + ingredients.get(matter).length > 0;
      const isKnown = diets.get(word).length > 0;
      return isMatter && !isKnown && !cutAway.test(matter) ? `${matter}-free` : word;
    });
}
