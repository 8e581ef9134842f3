import { initialOf, WorkByInitial } from "./initials.ts";
import { phraseKey } from "./words.ts";

/** Other words for a phrase, by its stems. */
export class Synonyms {
  readonly #others = new Map<string, string[]>();
  readonly #work = new WorkByInitial();

  /** @param groups phrases that mean the same */
  constructor(groups: readonly (readonly string[])[]) {
    for (const group of groups) {
      for (const phrase of group) this.#work.defer(initialOf(phrase), () => this.#add(phrase, group));
    }
  }

  /** Empty for a phrase without synonyms. */
  get(key: string): readonly string[] {
    this.#work.doFor(key);
    return this.#others.get(key) ?? [];
  }

  #add(phrase: string, group: readonly string[]): void {
    const key = phraseKey(phrase);
    const others = group.filter((other) => phraseKey(other) !== key);
    this.#others.set(key, [...(this.#others.get(key) ?? []), ...others]);
  }
}
