import type { Word } from "../vocabulary/words.ts";
import { ingredientConstraint } from "./constraints.ts";
import { allergicTo, leavesOut, leavesOutAfter } from "./exclusion-words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";
import type { Reading } from "./reading.ts";

/** Words that may stand before it. */
const determiners = "(?:(?:all|any|the|both|either|some|tree|fresh|raw|dried|cooked|ground)\\s+){0,2}$";

/** What comes before something that a question leaves out. */
const before = new RegExp(`(?:${leavesOut})\\s+(?:[^.?!]{1,60}\\b(?:n?or)\\s+)?${determiners}`, "iu");

/** The same after an allergy, to which `and` may join more: after `without`, it may join anything. */
const allergyBefore = new RegExp(
  `\\b(?:${allergicTo})\\s+(?:${determiners}|[^.?!]{1,60}(?:,|\\b(?:n?or|and))\\s+(?:to\\s+)?$)`,
  "iu",
);

const after = new RegExp(leavesOutAfter, "i");

/** Of which state something is, in place of what it is. */
const state =
  /^(?:fresh|raw|dried|cooked|ground|(?:trace|hint|bit|drop|sign|kind|sort|form|piece|amount)s?)$/i;

/** What a question leaves out by words that the vocabulary does not have. */
export interface LeftOut {
  readonly text: string;
  /** Places of its words and of those that introduce it. */
  readonly places: readonly number[];
  /** Absent if records cannot be checked for it. */
  readonly constraint?: Constraint;
}

export function hasConstraint(each: LeftOut): each is LeftOut & { readonly constraint: Constraint } {
  return each.constraint !== undefined;
}

/**
 * The words for what a question leaves out that no condition covers: `latex` in `without nuts or latex`. Ingredients and
 * texts of records can be checked for `coriander`; never for an allergy, of which a word may be the name of a class, and
 * not for a part of a phrase.
 */
export function leftOutWords(
  text: string,
  words: readonly Word[],
  { consumed, excluded, foods }: Reading,
  lexicon: Lexicon,
): LeftOut[] {
  const { questionStems, catalog } = lexicon;
  const canCheck = foods.length === 0 && lexicon.fields("ingredients").length > 0;
  return words.flatMap((word, place): LeftOut[] => {
    const { isStop, stem, start, end } = word;
    const isCondition = lexicon.values.valuesOf(stem).length > 0;
    if (isStop || isCondition || consumed.has(place) || excluded.has(place) || questionStems.has(stem))
      return [];
    if (state.test(word.text)) return [];
    const [left, right] = [text.slice(0, start), text.slice(end)];
    const isAllergy = allergyBefore.test(left) || after.test(right);
    if (!isAllergy && !before.test(left)) return [];
    const next = words[place + 1];
    const isAlone = next === undefined || next.isStop || text.slice(end, next.start).trim() !== "";
    const isChecked = canCheck && !isAllergy && isAlone && catalog.frequencies.has(stem);
    const found = { text: word.text, places: [place] };
    if (!isChecked) return [found];
    return [{ ...found, constraint: ingredientConstraint(word.text.toLowerCase(), true, lexicon) }];
  });
}
