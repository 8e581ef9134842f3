import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VectorIndex } from "../../../src/embedded/index.ts";
import type { IndexSettings } from "../../../src/embedded/settings.ts";
import { packSparse } from "../../../src/embedded/storage/vectors.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const dimension = 16;
const rowCount = 6_000;

const settings: IndexSettings = {
  type: "DENSE",
  dimension,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};

/** A vector that depends on nothing but its number. */
function vectorOf(seed: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, place) => Math.sin(seed * 12.9898 + place * 78.233));
}

function record(n: number) {
  return {
    id: `${n}`,
    metadata: JSON.stringify({ even: n % 2 === 0 }),
    data: undefined,
    dense: vectorOf(n),
    sparse: undefined,
  };
}

function fill(path: string): void {
  const index = VectorIndex.open({ path, settings });
  for (let start = 0; start < rowCount; start += 1_000) {
    index.upsert(
      "",
      Array.from({ length: 1_000 }, (_, place) => record(start + place)),
    );
  }
  index.close();
}

/** A side file without its header, which has a new token each time, and without the checksums. */
function contentOf(file: string): Buffer {
  const bytes = readFileSync(file);
  const { codeBytes } = JSON.parse(bytes.subarray(0, 512).toString());
  const codes = bytes.length - 4 - codeBytes;
  return Buffer.concat([bytes.subarray(512, codes - 4), bytes.subarray(codes, -4)]);
}

function flipBit(file: string, place: number): void {
  const bytes = readFileSync(file);
  bytes[place] = (bytes[place] as number) ^ 1;
  writeFileSync(file, bytes);
}

/** Opens, asks by bits alone and once the int8 codes are there, closes. */
async function ask(path: string, change: (index: VectorIndex) => void = () => {}): Promise<string[]> {
  const index = VectorIndex.open({ path, settings });
  change(index);
  const request = {
    dense: vectorOf(1_234),
    sparse: undefined,
    topK: 5,
    filter: undefined,
    weightByFrequency: false,
    fusion: "RRF" as const,
  };
  const hits = await index.query("", request, {});
  expect(await index.query("", request, {})).toEqual(hits);
  index.close();
  return hits.map((hit) => `${hit.record.id} ${hit.score}`);
}

/** The same for a hybrid index: postings beside the codes. */
const hybrid: IndexSettings = { ...settings, type: "HYBRID", sparseEmbeddingModel: "BM25" };

function hybridRecord(n: number, place = n % 50) {
  return {
    ...record(n),
    sparse: packSparse({ indices: [place, 1_000 + (n % 7), place], values: [1, n + 1, 0.5] }),
  };
}

async function askHybrid(path: string, change: (index: VectorIndex) => void = () => {}): Promise<string[]> {
  const index = VectorIndex.open({ path, settings: hybrid });
  change(index);
  const sparse = packSparse({ indices: [7, 1_003], values: [2, 1] });
  const request = {
    dense: vectorOf(7),
    sparse,
    topK: 20,
    filter: undefined,
    weightByFrequency: true,
    fusion: "DBSF" as const,
  };
  const hits = await index.query("", request, {});
  index.close();
  return hits.map((hit) => `${hit.record.id} ${hit.score}`);
}

describe("the side file of a mirror with postings", () => {
  it("equals a rebuilt mirror, also after changes", async () => {
    const directory = temporaryDirectory();
    const [path, rebuilt] = [join(directory, "index.sqlite"), join(directory, "rebuilt.sqlite")];
    const fillHybrid = (index: VectorIndex) => {
      for (let start = 0; start < rowCount; start += 1_000) {
        index.upsert(
          "",
          Array.from({ length: 1_000 }, (_, place) => hybridRecord(start + place)),
        );
      }
    };
    const change = (index: VectorIndex) => {
      index.remove("", { ids: ["7", "57"] });
      index.upsert("", [hybridRecord(8, 7), hybridRecord(9_999, 7)]);
    };
    const first = await askHybrid(path, fillHybrid);
    const written = statSync(`${path}.mirror-1`);
    expect(await askHybrid(path)).toEqual(first);
    expect(statSync(`${path}.mirror-1`).ino).toBe(written.ino);
    const changed = await askHybrid(path, change);
    expect(await askHybrid(path)).toEqual(changed);
    await askHybrid(rebuilt, (index) => {
      fillHybrid(index);
      change(index);
    });
    expect(await askHybrid(rebuilt)).toEqual(changed);
  });
});

describe("the side file of a mirror", () => {
  it("is written at close and used at the next start, which then has nothing to write", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    fill(path);
    const first = await ask(path);
    const file = `${path}.mirror-1`;
    const written = statSync(file);
    expect(await ask(path)).toEqual(first);
    expect(statSync(file).ino).toBe(written.ino);
    expect(first[0]).toBe("1234 1");
  });

  it("is brought up to date with what was written and deleted since", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    fill(path);
    await ask(path);
    const changed = await ask(path, (index) => {
      index.remove("", { ids: ["1234"] });
      index.upsert("", [
        { ...record(5), dense: vectorOf(1_234) },
        { ...record(7_777), dense: vectorOf(1_234) },
      ]);
    });
    expect(changed.slice(0, 2)).toEqual(["5 1", "7777 1"]);
    expect(await ask(path)).toEqual(changed);
  });

  it.each([
    ["a flipped bit", (file: string) => flipBit(file, 600)],
    ["a flipped bit in the int8 codes", (file: string) => flipBit(file, statSync(file).size - 100)],
    ["a lost end", (file: string) => truncateSync(file, statSync(file).size - 100)],
    ["nothing in it", (file: string) => writeFileSync(file, "")],
    ["something else in it", (file: string) => writeFileSync(file, "x".repeat(10_000))],
  ])("with %s is not used, and written again", async (_, damage) => {
    const path = join(temporaryDirectory(), "index.sqlite");
    fill(path);
    const first = await ask(path);
    const whole = contentOf(`${path}.mirror-1`);
    damage(`${path}.mirror-1`);
    // Damage to the int8 codes is found by the second search, and mended at the start after it.
    expect(await ask(path)).toEqual(first);
    expect(await ask(path)).toEqual(first);
    expect(contentOf(`${path}.mirror-1`).equals(whole)).toBe(true);
  });

  it("of another database is not used", async () => {
    const directory = temporaryDirectory();
    const [path, other] = [join(directory, "a.sqlite"), join(directory, "b.sqlite")];
    fill(path);
    await ask(path);
    const index = VectorIndex.open({ path: other, settings });
    index.upsert("", [{ ...record(1), dense: vectorOf(1_234) }]);
    index.close();
    copyFileSync(`${path}.mirror-1`, `${other}.mirror-1`);
    expect(await ask(other)).toEqual(["1 1"]);
  });

  it("goes when its namespace is emptied", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    fill(path);
    await ask(path);
    await ask(path, (index) => index.reset(""));
    expect(existsSync(`${path}.mirror-1`)).toBe(false);
  });
});
