import { initialOf, WorkByInitial } from "./initials.ts";
import { phraseKey, readWords, type Word } from "./words.ts";

/** A phrase that was found: the positions of its words, and its meaning. */
export interface Mention<T> {
  /** Place of its first word. */
  readonly from: number;
  /** Place after its last word. */
  readonly to: number;
  readonly values: readonly T[];
}

/**
 * Phrases by their stems, so that the longest one at a place is found at once. A phrase is stemmed when a text first
 * has a word of its initial.
 */
export class PhraseTable<T> {
  readonly #values = new Map<string, T[]>();
  /** Words of the longest phrase, by first stem. */
  readonly #longest = new Map<string, number>();
  readonly #work = new WorkByInitial();
  readonly #fallback: ((key: string) => readonly T[]) | undefined;
  readonly #base: PhraseTable<T> | undefined;

  /**
   * @param fallback what the stems of a phrase stand for that is in the table without a value
   * @param base another table, whose phrases are in this one, too, with their values first
   */
  constructor(fallback?: (key: string) => readonly T[], base?: PhraseTable<T>) {
    this.#fallback = fallback;
    this.#base = base;
  }

  add(phrase: string, value: T): void {
    this.addLater(initialOf(phrase), () => ({ phrase, value }));
  }

  /** Adds a phrase without a value. */
  addName(phrase: string): void {
    this.#work.defer(initialOf(phrase), () => this.#noteLength(readWords(phrase)));
  }

  /**
   * Adds the phrase that `read` returns, if any.
   * @param initial first letter of its stems
   * @param read called when a text first has a word of this initial
   */
  addLater(initial: string, read: () => { phrase: string; value: T } | undefined): void {
    this.#work.defer(initial, () => {
      const entry = read();
      if (entry !== undefined) this.#add(entry.phrase, entry.value);
    });
  }

  #add(phrase: string, value: T): void {
    const words = readWords(phrase);
    if (words.length === 0) return;
    const key = phraseKey(phrase);
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else if (!values.includes(value)) values.push(value);
    this.#noteLength(words);
  }

  #noteLength(words: readonly Word[]): void {
    const [first] = words;
    if (first === undefined) return;
    this.#longest.set(first.stem, Math.max(this.#longest.get(first.stem) ?? 0, words.length));
  }

  /** The meaning of a whole phrase. */
  get(phrase: string): readonly T[] {
    return this.valuesOf(phraseKey(phrase));
  }

  /** The meaning of the phrase with these stems. */
  valuesOf(key: string): readonly T[] {
    this.#work.doFor(key);
    return this.#valuesOf(key);
  }

  /** The same without the fallback. */
  getOwn(phrase: string): readonly T[] {
    const key = phraseKey(phrase);
    this.#work.doFor(key);
    return this.#values.get(key) ?? [];
  }

  /** Whether the phrase with these stems has a meaning. */
  has(key: string): boolean {
    return this.valuesOf(key).length > 0;
  }

  #valuesOf(key: string): readonly T[] {
    const own = this.#values.get(key) ?? this.#fallback?.(key) ?? [];
    const inherited = this.#base?.valuesOf(key) ?? [];
    return own.length === 0 ? inherited : inherited.length === 0 ? own : [...inherited, ...own];
  }

  /** Words of the longest phrase that begins with a stem. */
  longestFrom(stem: string): number {
    this.#work.doFor(stem);
    return Math.max(this.#longest.get(stem) ?? 0, this.#base?.longestFrom(stem) ?? 0);
  }

  /** The longest phrase that begins at a word. */
  longestAt(words: readonly Word[], from: number): Mention<T> | undefined {
    const first = words[from]?.stem ?? "";
    const longest = this.longestFrom(first);
    for (let length = Math.min(longest, words.length - from); length > 0; length--) {
      let key = first;
      for (let place = from + 1; place < from + length; place++) key += ` ${words[place]?.stem}`;
      const values = this.#valuesOf(key);
      if (values.length > 0) return { from, to: from + length, values };
    }
    return undefined;
  }

  /** Every phrase, from left to right, the longest at each place; none overlap. */
  findAll(words: readonly Word[]): Mention<T>[] {
    const found: Mention<T>[] = [];
    for (let place = 0; place < words.length; ) {
      const mention = this.longestAt(words, place);
      if (mention) found.push(mention);
      place = mention?.to ?? place + 1;
    }
    return found;
  }

  /** Whether a text holds one of the phrases. */
  isIn(words: readonly Word[]): boolean {
    return words.some((_, place) => this.longestAt(words, place) !== undefined);
  }
}

/** Whether a text may hold one of these phrases is asked of such a table. */
export function phraseTable(phrases: Iterable<string>): PhraseTable<true> {
  const table = new PhraseTable<true>();
  for (const phrase of phrases) table.add(phrase, true);
  return table;
}

/** The same with phrases that hold one of them in another sense: `coconut milk` is no milk. */
export class ExactPhrases {
  readonly #table = new PhraseTable<boolean>();

  constructor(phrases: Iterable<string>, exceptions: Iterable<string>) {
    for (const phrase of phrases) this.#table.add(phrase, true);
    for (const phrase of exceptions) this.#table.add(phrase, false);
  }

  findAll(words: readonly Word[]): Mention<boolean>[] {
    return this.#table
      .findAll(words)
      .filter(({ values }) => values.includes(true) && !values.includes(false));
  }

  isIn(words: readonly Word[]): boolean {
    return this.findAll(words).length > 0;
  }
}

/** Other words for a phrase, from groups of phrases that mean the same. */
export function synonymTable(groups: readonly (readonly string[])[]): PhraseTable<string> {
  const table = new PhraseTable<string>();
  for (const group of groups) {
    for (const phrase of group) {
      for (const value of group) {
        const read = () => (phraseKey(value) === phraseKey(phrase) ? undefined : { phrase, value });
        table.addLater(initialOf(phrase), read);
      }
    }
  }
  return table;
}
