interface Waiting<Item, Result> {
  readonly items: readonly Item[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupOptions<Item, Result, GroupResult> {
  /** Carries out the items of several callers at once. */
  readonly run: (items: readonly Item[]) => Promise<GroupResult>;
  /** The part of a caller: its items are those from `start` on. */
  readonly resultOf: (result: GroupResult, start: number, count: number) => Result;
  /** Two items with one key do not go into one group. Default: any do. */
  readonly keyOf?: (item: Item) => string;
}

/** Items of one group, at most; a caller with more is a group of its own. */
const mostItems = 1_000;

/**
 * Carries out what several callers ask for in one transaction: while one runs, the callers after it gather for the
 * next. The transactions of all processes go one after the other, so that one for each write would be too many. A
 * group has the effect of its calls in their order, and a failure is the failure of each.
 */
export class Grouped<Item, Result, GroupResult> {
  readonly #options: GroupOptions<Item, Result, GroupResult>;
  #waiting: Waiting<Item, Result>[] = [];
  #isRunning = false;

  constructor(options: GroupOptions<Item, Result, GroupResult>) {
    this.#options = options;
  }

  call(items: readonly Item[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#runGroup(this.#nextGroup());
    this.#isRunning = false;
  }

  /** The first callers, up to one that has to come later; a later caller never overtakes it. */
  #nextGroup(): Waiting<Item, Result>[] {
    const { keyOf } = this.#options;
    const keys = new Set<string>();
    let count = 0;
    let size = 0;
    for (const { items } of this.#waiting) {
      const own = keyOf ? items.map(keyOf) : [];
      const isFull = count > 0 && size + items.length > mostItems;
      if (isFull || own.some((key) => keys.has(key))) break;
      for (const key of own) keys.add(key);
      size += items.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #runGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const result = await this.#options.run(group.flatMap(({ items }) => items));
      let start = 0;
      for (const { items, resolve } of group) {
        resolve(this.#options.resultOf(result, start, items.length));
        start += items.length;
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
