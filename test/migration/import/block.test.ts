import fc from "fast-check";
import { expect, it } from "vitest";
import { type Block, cutBlocks } from "../../../src/migration/import/block.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { records } from "./helpers.ts";

async function blocksOf(all: readonly StoreRecord[], batchSize = 500) {
  async function* batches() {
    for (let start = 0; start < all.length; start += batchSize) yield all.slice(start, start + batchSize);
  }
  const blocks: Block[] = [];
  for await (const block of cutBlocks(batches(), true)) blocks.push(block);
  return blocks;
}

const all = records(6_000);

it("MIG-5: blocks hold every record in order, 200 at the most, about 100 on average", async () => {
  const blocks = await blocksOf(all);
  expect(blocks.flatMap((block) => block.records.map(({ record }) => record))).toEqual(all);
  for (const { records: some } of blocks) expect(some.length).toBeLessThanOrEqual(200);
  expect(all.length / blocks.length).toBeGreaterThan(80);
  expect(all.length / blocks.length).toBeLessThan(120);
});

it("MIG-5: the batches that the source hands out do not count", async () => {
  const hashes = (await blocksOf(all)).map(({ hash }) => hash.toString("hex"));
  expect((await blocksOf(all, 37)).map(({ hash }) => hash.toString("hex"))).toEqual(hashes);
});

it("MIG-11: a record that is added, removed or changed anywhere changes only few blocks", async () => {
  const before = new Set((await blocksOf(all)).map(({ hash }) => hash.toString("hex")));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(all.length - 1),
      fc.constantFrom(0, 1),
      fc.constantFrom(0, 1),
      async (at, gone, come) => {
        const edited = [...all];
        edited.splice(at, gone, ...records(come, { first: 50_000 }));
        const changed = (await blocksOf(edited)).filter(({ hash }) => !before.has(hash.toString("hex")));
        expect(changed.length).toBeLessThanOrEqual(8);
      },
    ),
    { numRuns: 12 },
  );
});

it("MIG-5: large records make short blocks", async () => {
  const large = records(20).map((record) => ({ ...record, text: "x".repeat(900_000) }));
  expect((await blocksOf(large)).map((block) => block.records.length)).toEqual([5, 5, 5, 5]);
});
