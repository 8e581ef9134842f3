import { type Catalog, fieldsOf } from "../catalog/catalog.ts";
import { initialsOf, WorkByInitial } from "../vocabulary/initials.ts";
import { readWords } from "../vocabulary/words.ts";

/** A single word names a food if at most so many records share it in their names. */
const mostSharing = 2;

/** An ingredient of at most so many records may still be the word by which a name is known: `sambal`. */
const rareIngredient = 2;

/** Names of more words are titles: one word of them names nothing. */
const mostWordsOfPartial = 4;

/** Ids of records by one distinctive word of a longer name, which hardly any other text has. */
export class PartialNames {
  readonly #catalog: Catalog;
  readonly #hasOtherMeaning: (stem: string) => boolean;
  readonly #found = new Map<string, readonly string[] | undefined>();
  readonly #idsByStem = new Map<string, Set<string>>();
  /** Records that have a stem among their ingredients. */
  readonly #ingredientCounts = new Map<string, number>();
  #work: WorkByInitial | undefined;

  /** @param hasOtherMeaning whether a stem stands for something else in a question */
  constructor(catalog: Catalog, hasOtherMeaning: (stem: string) => boolean) {
    this.#catalog = catalog;
    this.#hasOtherMeaning = hasOtherMeaning;
  }

  get(stem: string): readonly string[] | undefined {
    const common = Math.max(4, this.#catalog.recordCount / 150);
    if ((this.#catalog.frequencies.get(stem) ?? 0) > common) return undefined;
    this.#work ??= this.#deferReading();
    this.#work.doFor(stem);
    const ids = this.#idsByStem.get(stem);
    if (ids === undefined) return undefined;
    if (!this.#found.has(stem)) this.#found.set(stem, this.#isDistinctive(stem, ids) ? [...ids] : undefined);
    return this.#found.get(stem);
  }

  #isDistinctive(stem: string, ids: ReadonlySet<string>): boolean {
    const count = this.#ingredientCounts.get(stem) ?? 0;
    return ids.size <= mostSharing && count <= rareIngredient && !this.#hasOtherMeaning(stem);
  }

  #deferReading(): WorkByInitial {
    const work = new WorkByInitial();
    for (const [name, id] of this.#catalog.names) {
      for (const initial of initialsOf(name)) work.defer(initial, () => this.#readName(name, id, initial));
    }
    for (const [value, count] of fieldsOf(this.#catalog, "ingredients").flatMap(({ values }) => values)) {
      for (const initial of initialsOf(value))
        work.defer(initial, () => this.#countIngredient(value, count, initial));
    }
    return work;
  }

  #readName(name: string, id: string, initial: string): void {
    const words = readWords(name);
    if (words.length < 2 || words.length > mostWordsOfPartial) return;
    for (const { stem, plain, isStop } of words) {
      if (!stem.startsWith(initial) || isStop || plain.length < 4 || /\d/.test(plain)) continue;
      const ids = this.#idsByStem.get(stem) ?? new Set();
      this.#idsByStem.set(stem, ids.add(id));
    }
  }

  #countIngredient(value: string, count: number, initial: string): void {
    for (const { stem } of readWords(value)) {
      if (stem.startsWith(initial))
        this.#ingredientCounts.set(stem, (this.#ingredientCounts.get(stem) ?? 0) + count);
    }
  }
}
