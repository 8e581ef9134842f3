/**
 * Does `work` for each item, several at a time, and gives the results in the order of the items. At most
 * `concurrency` items are held. When one fails, no more are begun.
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
      // It is awaited in its turn; until then nobody would see it fail.
      result.catch(() => {});
      pending.push(result);
      if (pending.length >= concurrency) yield await (pending.shift() as Promise<Result>);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(pending);
  }
}
