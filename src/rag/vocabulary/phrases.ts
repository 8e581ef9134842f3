import { readWords, type Word } from "./words.ts";

/** A phrase that was found: the places of its words, and what it stands for. */
export interface Mention<T> {
  /** Place of its first word. */
  readonly from: number;
  /** Place after its last word. */
  readonly to: number;
  readonly values: readonly T[];
}

/** Phrases by their stems, so that the longest one at a place is found at once. */
export class PhraseTable<T> {
  readonly #values = new Map<string, T[]>();
  /** Words of the longest phrase, by first stem. */
  readonly #longest = new Map<string, number>();

  add(phrase: string, value: T): void {
    const stems = readWords(phrase).map(({ stem }) => stem);
    const [first] = stems;
    if (first === undefined) return;
    const key = stems.join(" ");
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else if (!values.includes(value)) values.push(value);
    this.#longest.set(first, Math.max(this.#longest.get(first) ?? 0, stems.length));
  }

  /** What a whole phrase stands for. */
  get(phrase: string): readonly T[] {
    return (
      this.#values.get(
        readWords(phrase)
          .map(({ stem }) => stem)
          .join(" "),
      ) ?? []
    );
  }

  /** The longest phrase that begins at a word. */
  longestAt(words: readonly Word[], from: number): Mention<T> | undefined {
    const longest = this.#longest.get(words[from]?.stem ?? "") ?? 0;
    for (let length = Math.min(longest, words.length - from); length > 0; length--) {
      let key = words[from]?.stem ?? "";
      for (let place = from + 1; place < from + length; place++) key += ` ${words[place]?.stem}`;
      const values = this.#values.get(key);
      if (values) return { from, to: from + length, values };
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
