import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { nameOf } from "./facts.ts";

/** How texts put something into a food: `topped with`; what a food is eaten or served with is beside it. */
const puts =
  "(?:bak|batter|brush|coat|cook|cover|crown|crust|decorat|dott|drench|dress|enrich|fill|finish|flavou?r|fold|fri|garnish|glaz|layer|load|marinat|mix|sandwich|scatter|season|simmer|soak|spik|sprinkl|stew|stirr|studd|stuff|sweeten|thicken|topp|toss)e?d with";

/** The food as the subject: not `shito contains fish` in a text about the rice that it goes with. */
const subject =
  "(?:^\\W*|\\b(?:it|they|this|these|the (?:dish|food|recipe)|and)\\s+)(?:also |always |usually )?";

/** Words that end what a statement puts into a food. */
const end =
  "[.;:()]|, or\\b|, and \\w+ (?:is|are|has|have|grows?)\\b|\\b(?:no|not|never|neither|nor|without|hardly|instead|rather|eaten|served?|scooped|dipped|goes?|into|for|to|like|as|beside|alongside|over)\\b";

const putsIn = new RegExp(
  `(?:\\b${puts}|${subject}(?:contain(?:s|ing)?|(?:is|are) made (?:with|from|of)))\\s+(.*?)(?=$|${end})`,
  "giu",
);

/** `Crushed peanuts add crunch`, but not `then add butter`. */
const adds = /(?:^|[.;:,])([^.;:,]{1,60}?)(?<!\b(?:then|or|and|to))\s+adds?\b(?! (?:it|them)\b)/giu;

/** `Not for people with peanut allergy.` */
const warns = /\b(?:not (?:for|safe|suitable)|unsafe|unsuitable)\b([^.;]*\b(?:allerg|intoleran).*)/giu;

/** Other foods than the one of the record: what some make of it, or made of it once. */
const ofOthers = new RegExp(
  `\\b(?:version|variants?|variations?|often|sometimes|can be|once|originally|first made|they become|eats? it)\\b|\\bor (?:${puts}|spread with)`,
  "i",
);

/**
 * The first sentence that says that the food itself holds something, even if its fields seem to list all that it holds.
 *
 * @param names whether a text names it
 */
export function sentenceStating(source: Source, names: (text: string) => boolean): string | undefined {
  const name = nameOf(source).toLowerCase();
  return splitSentences(source.text).find((sentence) => {
    // The name itself may be that of an allergen, or of a dish with another one.
    const text = sentence.toLowerCase().replaceAll(name, "");
    if (!names(text) || ofOthers.test(text)) return false;
    return [putsIn, adds, warns].some((pattern) =>
      [...text.matchAll(pattern)].some(([, part = ""]) => names(part)),
    );
  });
}
