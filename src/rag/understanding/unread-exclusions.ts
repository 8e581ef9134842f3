import type { Word } from "../vocabulary/words.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Reading } from "./reading.ts";

/** What comes before something that a question leaves out. */
const before =
  /\b(?:without(?: any)?|neither|free (?:of|from)|allerg(?:ic|y|ies) to|intoleran(?:t|ce) (?:to|of)|avoid(?:ing)?|excluding|sans|ohne|senza|sin|sem|zonder)\s+(?:[^.?!]{1,60}\b(?:n?or)\s+)?(?:(?:all|any|the|both|either|some|tree)\s+)?$/iu;

/** The same with more than one allergy: after `without`, `and` may join anything. */
const allergyBefore =
  /\b(?:allerg(?:ic|y|ies) to|intoleran(?:t|ce) (?:to|of))\s+[^.?!]{1,60}(?:,|\b(?:n?or|and))\s+(?:to\s+)?$/iu;

/** What comes after it. */
const after = /^\s*(?:-\s*|\s)(?:free\b(?! (?:of|from|range))|allerg(?:y|ies)\b|intoleran(?:t|ce)\b)/i;

/**
 * The words for what a question leaves out that no condition covers: `latex` in `without nuts or latex`. Nothing
 * checks the foods for them.
 */
export function unreadExclusions(
  text: string,
  words: readonly Word[],
  { consumed, excluded }: Reading,
  { questionStems }: Lexicon,
): string[] {
  const unread = words.filter(
    ({ isStop, stem, start, end }, place) =>
      !isStop &&
      !consumed.has(place) &&
      !excluded.has(place) &&
      !questionStems.has(stem) &&
      (before.test(text.slice(0, start)) ||
        allergyBefore.test(text.slice(0, start)) ||
        after.test(text.slice(end))),
  );
  return [...new Set(unread.map((word) => word.text))];
}
