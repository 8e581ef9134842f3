import type { Word } from "../vocabulary/words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Reading } from "./reading.ts";

/** How something that a person cannot have may be introduced. */
const allergic = "allerg(?:ic|y|ies) to|intoleran(?:t|ce) (?:to|of)";

/** Words that may stand before it. */
const determiners = "(?:(?:all|any|the|both|either|some|tree|fresh|raw|dried|cooked|ground)\\s+){0,2}$";

/** What comes before something that a question leaves out. */
const before = new RegExp(
  `(?:\\b(?:without|neither|free (?:of|from)|${allergic}|avoid(?:ing)?|excluding|hates?|dislikes?|sans|ohne|senza|sin|sem|zonder)|(?:n['’]t|\\bnot) (?:like|eat|want|tolerate|stand))\\s+(?:[^.?!]{1,60}\\b(?:n?or)\\s+)?${determiners}`,
  "iu",
);

/** The same after an allergy. */
const allergyBefore = new RegExp(`\\b(?:${allergic})\\s+${determiners}`, "iu");

/** The same with more than one allergy: after `without`, `and` may join anything. */
const furtherAllergy = new RegExp(
  `\\b(?:${allergic})\\s+[^.?!]{1,60}(?:,|\\b(?:n?or|and))\\s+(?:to\\s+)?$`,
  "iu",
);

/** What comes after it. */
const after = /^\s*(?:-\s*|\s)(?:free\b(?! (?:of|from|range))|allerg(?:y|ies)\b|intoleran(?:t|ce)\b)/i;

/** Of which state something is, in place of what it is. */
const state = /^(?:fresh|raw|dried|cooked|ground)$/i;

/** A word for what a question leaves out that is no ingredient, allergen or diet of the vocabulary or the data. */
interface LeftOutWord {
  readonly place: number;
  readonly text: string;
  /**
   * Whether ingredients and texts of records can be checked for it: `coriander`. Never for an allergy, of which a word
   * may be the name of a class, and not for a part of a phrase.
   */
  readonly isChecked: boolean;
}

/** The words for what a question leaves out that no condition covers: `latex` in `without nuts or latex`. */
export function leftOutWords(
  text: string,
  words: readonly Word[],
  { consumed, excluded, foods }: Reading,
  lexicon: Lexicon,
): LeftOutWord[] {
  const { questionStems, catalog } = lexicon;
  const canCheck = foods.length === 0 && lexicon.fields("ingredients").length > 0;
  return words.flatMap((word, place): LeftOutWord[] => {
    const { isStop, stem, start, end } = word;
    const isCondition = lexicon.values.valuesOf(stem).length > 0;
    if (isStop || isCondition || consumed.has(place) || excluded.has(place) || questionStems.has(stem))
      return [];
    if (state.test(word.text)) return [];
    const [left, right] = [text.slice(0, start), text.slice(end)];
    const isAllergy = allergyBefore.test(left) || furtherAllergy.test(left) || after.test(right);
    if (!isAllergy && !before.test(left)) return [];
    const next = words[place + 1];
    const isAlone = next === undefined || next.isStop || text.slice(end, next.start).trim() !== "";
    const isChecked = canCheck && !isAllergy && isAlone && catalog.frequencies.has(stem);
    return [{ place, text: word.text, isChecked }];
  });
}
