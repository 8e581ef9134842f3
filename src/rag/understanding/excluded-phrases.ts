import type { Word } from "../vocabulary/words.ts";
import type { LeftOut } from "./left-out-words.ts";
import type { Constraint } from "./plan.ts";

/** Words after which everything of a list is left out, also after `and`. */
const strong =
  "without|excluding|exclud(?:e|es)|except(?: for)?|other than|apart from|aside from|besides|free (?:of|from)|lack(?:s|ing)?|minus|neither|(?:all|anything|everything|any) but|(?:with|have|has|having|contain|contains|containing|use|uses|using|but|and) no(?! longer)|non(?=-)";

/** Words that deny one thing: after `and` something else begins. */
const weak =
  "(?:(?:that|which|who|and|but) (?:is|was|has|have|does|do|are|were) not|(?:are|were|do|have) not|(?:that|which|who) (?:is|was|does|has)n['’]t|(?:are|were|do|have)n['’]t|(?:and|but) not|not (?=(?:made|built|about|from|in|of|with|by|using|containing|including|having)\\b))(?! (?:only|just|necessarily|have to|need to))";

const marker = new RegExp(`\\b(?:(?<strong>${strong})|${weak})\\b[\\s-]*|(?<=^|\\p{L}\\s+)not\\s+`, "giu");

/** Words between a marker and what it is about: `not (built of) steel`, `except (those made of) steel`. */
const lead =
  /(?:(?:those|these|the|ones?|that|which|who|are|is|were|was|be|being|have|has|having|contain|use|any|all|an?|either|both|some|very|about|from|in|of|out|by|with|at|on|for|\p{L}+(?:ed|en|ing|ilt|ade|un|it)(?=\s+(?:of|out of|from|with|in|by|at|on)\b))\s+)*/iuy;

const strongJoint = /\s*(?:,\s*(?:and|or|nor)?|\b(?:and|or|nor)\b|&|\/)\s*/iuy;
const weakJoint = /\s*(?:,\s*(?:or|nor)|\b(?:or|nor)\b)\s*/iuy;

/** What may follow a phrase after a comma, so that it is a part of the list and not a new clause. */
const endsPhrase = /^\s*(?:$|[,.;?!]|(?:and|or|nor|in|from|that|which|with)\b)/i;

/** Words that belong to no phrase. */
const adverb = /^(?:still|now|today|currently|yet|ever|please|anymore)$/i;

/** `How do I log in without a password?`: a circumstance, and no condition on records. */
const circumstance =
  /^\W*(?:why|how(?! many)|when|where|if|can(?! you)|could(?! you)|do(?! you)|does|did|should|may|is(?! there)|are(?! there)|was|were|has|have|what (?:if|to|should|can|do|does|happens)|my\b|i (?!want|need|would|am|like))|\b(?:error|i|my|we)\b.*\b(?:cannot|not)\b/i;

/** `steel-free` */
const freeOf = /([\p{L}\p{N}]+)-free\b(?! (?:of|from))/giu;

/**
 * What a question leaves out of records about anything, by its own words: no vocabulary says what they may mean.
 *
 * @param isTaken whether the word at a place has a meaning already: places, diets and foods are no such phrases
 */
export function excludedPhrases(
  text: string,
  words: readonly Word[],
  isTaken: (place: number) => boolean,
): (LeftOut & { readonly constraint: Constraint })[] {
  if (circumstance.test(text)) return [];
  const phrases: (LeftOut & { readonly constraint: Constraint })[] = [];
  const add = (name: string, from: number, to: number) => {
    const places = words.flatMap(({ start }, place) => (start >= from && start < to ? [place] : []));
    const constraint: Constraint = { kind: "word", name: name.toLowerCase(), isExcluded: true };
    phrases.push({ text: constraint.name, places, constraint });
  };
  for (const { index, 0: found, groups } of text.matchAll(marker)) {
    let from = index;
    let position = index + found.length;
    for (let isFirst = true; ; isFirst = false) {
      position = endOf(lead, text, position);
      const phrase = phraseAt(text, words, position, isTaken);
      const last = phrase.at(-1);
      // `not higher than 20 metres` compares a number.
      if (last === undefined || /^\s+than\b/i.test(text.slice(last.end))) break;
      if (!isFirst && !endsPhrase.test(text.slice(last.end))) break;
      add(text.slice(phrase[0]?.start, last.end), from, last.end);
      from = last.end;
      position = endOf(groups?.strong === undefined ? weakJoint : strongJoint, text, last.end);
      if (position === last.end) break;
    }
  }
  for (const { index, 0: found, 1: name = "" } of text.matchAll(freeOf)) {
    const end = index + found.length;
    if (!words.some(({ start }, place) => start >= index && start < end && isTaken(place)))
      add(name, index, end);
  }
  return phrases;
}

/** The words from a position on that are one phrase. */
function phraseAt(
  text: string,
  words: readonly Word[],
  position: number,
  isTaken: (place: number) => boolean,
): Word[] {
  const phrase: Word[] = [];
  for (const [place, word] of words.entries()) {
    if (word.start < position) continue;
    if (word.isStop || isTaken(place) || adverb.test(word.plain)) break;
    const gap = text.slice(phrase.at(-1)?.end ?? position, word.start);
    if (phrase.length === 0 ? gap !== "" : !/^(?:\s+|-)$/.test(gap)) break;
    phrase.push(word);
  }
  return phrase;
}

/** Where a sticky pattern ends at a position; the position itself if it does not match. */
function endOf(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}
