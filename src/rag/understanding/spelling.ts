import { editDistance } from "../../foundation/edit-distance.ts";

/** Shorter words are not corrected. */
const shortest = 4;

/** Words of this length and longer may have two mistakes, as Typesense and Meilisearch allow. */
const twoMistakesFrom = 8;

/** Words shorter than this are only corrected to whole names, unless only the order of letters differs: `veagn`. */
const anyWordFrom = 6;

/** Whether a word is a whole name, a part of one, or any other word. */
export type SpellingKind = "name" | "name word" | "word";

interface Candidate {
  readonly word: string;
  readonly letters: number;
  readonly kind: SpellingKind;
  readonly count: number;
}

/** Words that questions may mean, to correct typing mistakes: those of the data and of the vocabulary. */
export class Spelling {
  readonly #known = new Map<string, Candidate>();
  readonly #byLength = new Map<number, Candidate[]>();

  /**
   * @param word without case and accents
   * @param count how often it occurs; the most frequent of equally near words is meant
   */
  add(word: string, count: number, kind: SpellingKind): void {
    const earlier = this.#known.get(word);
    if (earlier && rank(earlier.kind) >= rank(kind)) return;
    const candidate = { word, letters: lettersOf(word), kind, count };
    this.#known.set(word, candidate);
    const sameLength = this.#byLength.get(word.length) ?? [];
    if (earlier) sameLength.splice(sameLength.indexOf(earlier), 1);
    sameLength.push(candidate);
    this.#byLength.set(word.length, sameLength);
  }

  isKnown(word: string): boolean {
    return this.#known.has(word);
  }

  /**
   * The most likely intended word by Damerau-Levenshtein distance: names first, then the nearest, then the most
   * frequent.
   */
  correct(word: string): string | undefined {
    if (word.length < shortest || /\d/.test(word)) return undefined;
    const allowed = word.length >= twoMistakesFrom ? 2 : 1;
    const letters = lettersOf(word);
    let best: { candidate: Candidate; mistakes: number } | undefined;
    for (let length = word.length - allowed; length <= word.length + allowed; length++) {
      for (const candidate of this.#byLength.get(length) ?? []) {
        const isSwap = length === word.length && letters === candidate.letters;
        if (candidate.kind !== "name" && word.length < anyWordFrom && !isSwap) continue;
        if (bitCount(letters ^ candidate.letters) > 2 * allowed) continue;
        const mistakes = editDistance(word, candidate.word);
        if (mistakes > allowed || (candidate.word[0] !== word[0] && mistakes > 1)) continue;
        if (best === undefined || isBetter({ candidate, mistakes }, best, word))
          best = { candidate, mistakes };
      }
    }
    return best?.candidate.word;
  }
}

function rank(kind: SpellingKind): number {
  return kind === "name" ? 2 : kind === "name word" ? 1 : 0;
}

interface Scored {
  readonly candidate: Candidate;
  readonly mistakes: number;
}

function isBetter(left: Scored, right: Scored, word: string): boolean {
  if (left.mistakes !== right.mistakes) return left.mistakes < right.mistakes;
  const beginsAlike = (each: Scored) => each.candidate.word[0] === word[0];
  if (beginsAlike(left) !== beginsAlike(right)) return beginsAlike(left);
  if (left.candidate.kind !== right.candidate.kind)
    return rank(left.candidate.kind) > rank(right.candidate.kind);
  return left.candidate.count > right.candidate.count;
}

/** A bit for each letter that occurs: words a few edits apart differ in few bits. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let place = 0; place < word.length; place++) letters |= 1 << (word.charCodeAt(place) & 31);
  return letters;
}

function bitCount(bits: number): number {
  let rest = bits;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count++;
  }
  return count;
}
