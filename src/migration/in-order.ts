/**
 * Does `work` for each item, up to `concurrency` at once, and yields the results in the order of the items. After a
 * failure no further work begins.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // It is awaited later; until then its failure must not count as unhandled.
      result.catch(() => {});
      pending.push(result);
      if (pending.length >= concurrency) yield await (pending.shift() as Promise<Result>);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(pending);
  }
}
