import { setImmediate } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { uniform } from "../../../bench/index/vectors.ts";
import { SparseVectors } from "../../../src/embedded/index/sparse/sparse-vectors.ts";
import { packSparse } from "../../../src/embedded/storage/vectors.ts";

const random = uniform(3);

/** Twelve indices of forty, so that every posting is long. */
function vector() {
  const indices = [...new Set(Array.from({ length: 12 }, () => Math.floor(random() * 40)))];
  return packSparse({ indices, values: indices.map(() => random() + 0.1) });
}

it("searches side by side, and rows pushed between their slices, change nothing in what each finds", async () => {
  const index = new SparseVectors();
  const rowCount = 120_000;
  for (let row = 0; row < rowCount; row++) index.push(vector());
  const accepted = new Uint8Array(rowCount).fill(1);
  const rows = { live: accepted, liveCount: rowCount, dead: new Int32Array(0) };
  const queries = Array.from({ length: 4 }, vector);
  const expected = queries.map((query) => index.search(query, 2_000, accepted, rows));
  // A clock so fast that every step exceeds its time slice.
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (time += 1_000));
  onTestFinished(() => clock.mockRestore());
  let turns = 0;
  let isDone = false;
  const searches = Promise.all(
    queries.map((query) => index.searchInSlices(query, 2_000, accepted, rows)),
  ).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    for (let row = 0; row < 100; row++) index.push(vector());
    turns++;
    await setImmediate();
  }
  expect(await searches).toEqual(expected);
  expect(turns).toBeGreaterThan(10);
});

it("finds the same before and after its postings are built, and with rows added in between", () => {
  const accepted = new Uint8Array(300).fill(1);
  const rows = { live: accepted, liveCount: 300, dead: new Int32Array(0) };
  const vectors = Array.from({ length: 300 }, vector);
  const query = vector();
  const index = new SparseVectors();
  for (const each of vectors.slice(0, 200)) index.push(each);
  const early = Array.from({ length: 12 }, () => index.search(query, 20, accepted, rows));
  for (const found of early) expect(found).toEqual(early[0]);
  for (const each of vectors.slice(200)) index.push(each);
  const fresh = new SparseVectors();
  for (const each of vectors) fresh.push(each);
  expect(index.search(query, 20, accepted, rows)).toEqual(fresh.search(query, 20, accepted, rows));
});
