import type { Lexicon } from "./lexicon.ts";
import { maskNames } from "./masked-names.ts";

/** `Glutenfree`, `eggless`, German `glutenfrei`, Dutch `glutenvrij`: one word for what foods must be without. */
const compound = /(?<![\p{L}\p{N}'’-])(\p{L}{3,}?)(free|frei(?:e[nrs]?)?|fri|vrij|less)(?![\p{L}\p{N}])/giu;

/** Parts that are cut away from a food, not left out of a dish: `seedless grapes`. */
const cutAway = /^(?:bone|seed|skin|stone|pit)s?$/i;

const negation = /\bnon(?:-|\s+(?=(?:alcohol|dairy|gluten|halal|kosher|meat|spicy|vega|vege)))/gi;

/** `Isn't hummus vegan?` asks the same as `Is hummus vegan?`. */
const politeNegation =
  /^(\W*)(?:(is|are|does)n['’]t|(can)['’]t(?= (?:people|vegans?|vegetarians?|muslims?|co?eliacs?|babies|children)\b))/i;

const age = String.raw`(\d+(?:[.,]\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven)`;
const span = String.raw`(weeks?|months?|mos?|years?|yrs?|y\/?o)`;
const person = String.raw`(?:bab(?:y|ies)|infants?|toddlers?|child(?:ren)?|kids?|sons?|daughters?|boys?|girls?|twins|grand\w+|niece|nephew|he|she)`;

/** `My 2-year-old`, `a 10 months old baby`, `my son is 4`, `at age 4`, `at 10 months`; not `3 year old rice`, nor `aged 18 months`. */
const ages = [
  String.raw`(?<=\b(?:an?|my|our|your|the|his|her|their|for|to|with|am|i['’]m)\s+)${age}[\s-]*${span}(?:[\s-]*olds?)?(?=\W*$|\s*[,;.?!]|\s+(?:can(?! of)|could|may|should|eats?|ha[sd]|have|is|wants?|likes?|loves?|to|and|or|with|who|for|on|in|at|drinks?|safe|ok|okay|${person})\b)`,
  String.raw`(?<=\b${person}(?:['’]s)?,?\s+(?:(?:is|are|turn(?:s|ed)|who is|of|just|only|now|almost)\s+)*)${age}(?:[\s-]*${span}(?:[\s-]*old)?)?(?=\W|$)`,
  String.raw`(?<=\bat\s+)${age}\s*${span}(?: old| of age)?\b`,
  String.raw`\bage[ds]?\s+(?:of\s+)?${age}\b(?!\s*(?:weeks?|months?|years?|days?)\b)`,
  String.raw`\b${age}\s+${span}\s+of\s+age\b`,
].map((form) => new RegExp(form, "gi"));

/** Time that passes for a food, not for a person. */
const ofFoods = /\b(?:matur\w*|ripen\w*|cured|ferment\w*|keeps?|stor(?:e|ed|age)|expired?|out of date)\b/i;

/**
 * Writes a person of an age as whom records warn: a number is nothing to search for.
 *
 * @example writeOutAges("Can a 3 year old eat grapes?") // "Can a children eat grapes?"
 */
export function writeOutAges(text: string): string {
  if (ofFoods.test(text)) return text;
  return ages.reduce(
    (written, form) =>
      written.replace(form, (_, count: string, unit = "years") => {
        const years = /^(?:w|m)/i.test(unit)
          ? Number(count) < 12 || /[a-z]/i.test(count)
            ? 0
            : 1
          : Number(count) || 1;
        return years < 1 ? "baby" : years < 18 ? "children" : "person";
      }),
    text,
  );
}

/** `Should I avoid hummus?` is about hummus, and leaves out none. */
const asksToAvoidOne = /^(\W*(?:should|must|do|does)\s+(?!not\b).{1,60}?)\bavoid(?= (?!any|some)\S)/i;

/**
 * Writes short forms for what foods must be without, or must not be, in the form that the analysis reads.
 *
 * @example writeOut("eggless cake", lexicon) // "egg-free cake"
 */
export function writeOut(text: string, lexicon: Lexicon): string {
  const { allergens, diets, ingredients, holdsFoods } = lexicon;
  return (holdsFoods ? writeOutAges(text) : text)
    .replace(politeNegation, "$1$2$3")
    .replace(asksToAvoidOne, "$1eat")
    .replace(negation, (word, place: number, whole: string) =>
      maskNames(whole, lexicon)[place] === "_" ? word : "not ",
    )
    .replace(compound, (word: string, matter: string) => {
      const isMatter = allergens.get(matter).length + ingredients.get(matter).length > 0;
      const isKnown = diets.get(word).length > 0;
      return isMatter && !isKnown && !cutAway.test(matter) ? `${matter}-free` : word;
    });
}
