import { phraseKey } from "../vocabulary/words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";
import type { Reading } from "./reading.ts";

const treated =
  "(?<how>smoked|fermented|pickled|dried|canned|cured|salted|fried|baked|grilled|steamed|roasted)";

/** `Which cheeses are smoked?`, `What are the top 2 fermented drinks?`, but not `soups with canned tomatoes`. */
const asksForTreated = [
  `^\\W*(?:which|what|any)\\b.*\\b(?:is|are) ${treated}\\W*$`,
  `^\\W*(?:which|what|any|list|name|show me|do you have|are there)(?: any| is| are)?(?: the)?(?: top| best)?(?: \\d+)? ${treated} \\p{L}+s\\b`,
].map((pattern) => new RegExp(pattern, "iu"));

/** How foods have to be treated, unless their type says it: no field does, so that a text has to name it. */
export function treatmentAsked(
  text: string,
  { foods, constraints }: Reading,
  lexicon: Lexicon,
): Constraint[] {
  if (!lexicon.holdsFoods || foods.length > 0) return [];
  const how = asksForTreated
    .map((pattern) => pattern.exec(text)?.groups?.how)
    .find((how) => how !== undefined);
  const isOfType = constraints.some(
    ({ kind, name }) =>
      kind === "type" &&
      phraseKey(name)
        .split(" ")
        .includes(phraseKey(how ?? "")),
  );
  return how === undefined || isOfType ? [] : [{ kind: "word", name: how.toLowerCase(), isExcluded: false }];
}
