import { describe, expect, it } from "vitest";
import { unstructured } from "../../../bench/index/vectors.ts";
import { all, engineOf, take } from "./exact.ts";

describe("searchInSlices", () => {
  const next = unstructured(24, 1);
  const queries = take(4, next);
  const vectors = take(6_000, next);
  const accepted = all(vectors);

  /** Reads that take a while, so that a search is cut. */
  function slowly(row: number): Float32Array {
    const end = performance.now() + 0.05;
    while (performance.now() < end);
    return vectors[row] as Float32Array;
  }

  it("finds what search finds, while other searches go on between its slices", async () => {
    for (const options of [{ byteCodes: false }, { bitsBeyondBytes: 0 }]) {
      const expected = queries.map((query) =>
        engineOf(vectors, "COSINE", options).search(query, 10, accepted),
      );
      const engine = engineOf(vectors, "COSINE", { ...options, readVectors: (rows) => rows.map(slowly) });
      const searches = queries.map((query) => engine.searchInSlices(query, 10, accepted));
      expect(engine.search(queries[0] as Float32Array, 10, accepted)).toEqual(expected[0]);
      expect(await Promise.all(searches)).toEqual(expected);
    }
  });

  it("lets the event loop turn, and leaves out rows pushed meanwhile", async () => {
    const engine = engineOf(vectors, "COSINE", { byteCodes: false, readVectors: (rows) => rows.map(slowly) });
    let turns = 0;
    const timer = setInterval(() => {
      turns++;
      engine.push(queries[0] as Float32Array);
    }, 0);
    const found = await engine.searchInSlices(queries[0] as Float32Array, 10, accepted);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    expect(found).toEqual(
      engineOf(vectors, "COSINE", { byteCodes: false }).search(queries[0] as Float32Array, 10, accepted),
    );
  });

  it("a search that fails leaves the engine usable", async () => {
    let broken = true;
    const engine = engineOf(vectors, "COSINE", {
      readVectors: (rows) => {
        if (broken) throw new Error("disk");
        return rows.map((row) => vectors[row] as Float32Array);
      },
    });
    const search = () => engine.searchInSlices(queries[0] as Float32Array, 10, accepted);
    await expect(search()).rejects.toThrow("disk");
    broken = false;
    expect(await search()).toHaveLength(10);
  });
});
