import { ingredientConstraint } from "./constraints.ts";
import { speaksOfAllergy } from "./exclusion-words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

const cow = String.raw`(?:a |the )?(?:cows?['’]?s?|cow)(?:[\s-]+milk)?\b`;

/** `Not from cow`, `is not made from cow's milk`, `isn't made with cow milk`, `without cow's milk`, `non-cow`. */
const withoutCow = new RegExp(
  String.raw`(?:\b(?:that |which )?(?:is|are|was|were)(?:\s+not|n['’]t)\s+|\bnot\s+)(?:made\s+)?(?:(?:from|of|with|out of|using)\s+)?${cow}|\b(?:without|no)\s+${cow}|\bnon[\s-]cows?\b`,
  "i",
);

/** Of other dishes, those without any milk are an answer, too. */
const ofMilk = /\b(?:cheeses?|yogh?urts?|butter|kefir)\b/i;

/**
 * Cheese that is not from cows: only records that name the milk of another animal, and none that names a cow's. With an
 * allergy to milk, none of them suits.
 */
export function takeOtherMilk(text: string, lexicon: Lexicon): { text: string; constraints: Constraint[] } {
  if (!lexicon.holdsFoods || speaksOfAllergy.test(text) || !ofMilk.test(text) || !withoutCow.test(text))
    return { text, constraints: [] };
  return {
    text: text.replace(withoutCow, " ").replace(/\s+/g, " ").trim(),
    constraints: [
      ingredientConstraint("milk of another animal", false, lexicon),
      ingredientConstraint("cow's milk", true, lexicon),
    ],
  };
}
