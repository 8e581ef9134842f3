import { readWords } from "./words.ts";

const isAscii = /^[\x20-\x7e]*$/;
const firstInitial = /[a-z0-9]/i;
const lastInitial = /([a-z0-9])(?:[a-z0-9]|'(?=[a-z0-9]))*[^a-z0-9]*$/i;
const everyInitial = /(?<![a-z0-9])[a-z0-9]/gi;

/** The first letter of the first stem, without stemming: folding and stemming keep it. Empty without words. */
export function initialOf(phrase: string): string {
  const letter = phrase.charAt(0);
  if (letter >= "a" && letter <= "z") return letter;
  if (isAscii.test(phrase)) return firstInitial.exec(phrase)?.[0].toLowerCase() ?? "";
  return readWords(phrase)[0]?.stem.charAt(0) ?? "";
}

/** The first letter of the last stem. */
export function lastInitialOf(phrase: string): string {
  if (isAscii.test(phrase)) return lastInitial.exec(phrase)?.[1]?.toLowerCase() ?? "";
  return readWords(phrase).at(-1)?.stem.charAt(0) ?? "";
}

/** The first letters of all stems. It may contain the letter after an apostrophe, too. */
export function initialsOf(phrase: string): Set<string> {
  if (!isAscii.test(phrase)) return new Set(readWords(phrase).map(({ stem }) => stem.charAt(0)));
  return new Set(Array.from(phrase.matchAll(everyInitial), ([letter]) => letter.toLowerCase()));
}

/**
 * Work that waits until a question has a word with a certain initial. Stemming thousands of phrases would take most
 * of the time of a command that answers one question.
 */
export class WorkByInitial {
  readonly #waiting = new Map<string, (() => void)[]>();

  defer(initial: string, work: () => void): void {
    const known = this.#waiting.get(initial);
    if (known === undefined) this.#waiting.set(initial, [work]);
    else known.push(work);
  }

  /** Does the work for the initial of a key, in the order in which it was deferred. */
  doFor(key: string): void {
    if (this.#waiting.size === 0) return;
    const initial = key.charAt(0);
    const works = this.#waiting.get(initial);
    if (works === undefined) return;
    this.#waiting.delete(initial);
    for (const work of works) work();
  }
}
