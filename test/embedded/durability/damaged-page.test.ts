import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type RequestEntry, startEmulator, VectorIndex } from "../../../src/embedded/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { hybridOfVectors, post } from "../protocol/wire.ts";

/**
 * A page of zeros among the vectors. A query that meets it fails with status 500 and its
 * cause in the log; no promise is left to reject without a handler, which would end the process (and fails
 * this test run).
 */
it("60 queries at once on a damaged index are answered or fail, and the server goes on", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "index.sqlite");
  const index = VectorIndex.open({ path, settings: hybridOfVectors });
  const queryOf = (n: number) => ({
    dense: Float32Array.of(1, n),
    sparse: undefined,
    filter: undefined,
    weightByFrequency: false,
    fusion: "RRF" as const,
  });
  const records = Array.from({ length: 6_000 }, (_, n) => ({
    id: `${n}`,
    dense: Float32Array.of(1, n),
    sparse: { indices: Int32Array.of(n % 50), values: Float32Array.of(1) },
    metadata: JSON.stringify({ n, filler: "x".repeat(100) }),
    data: undefined,
  }));
  for (let start = 0; start < records.length; start += 1_000)
    index.upsert("", records.slice(start, start + 1_000));
  // The side file of the mirror is kept, so that the damage is met while vectors are read for settling.
  await index.query("", { ...queryOf(0), topK: 1 }, {});
  index.close();
  const bytes = readFileSync(path);
  const page = Math.floor((bytes.length * 0.8) / 4_096) * 4_096;
  writeFileSync(path, bytes.fill(0, page, page + 4_096));

  const entries: RequestEntry[] = [];
  const emulator = await startEmulator({
    directory,
    settings: hybridOfVectors,
    log: (entry) => entries.push(entry),
  });
  try {
    const queries = Array.from({ length: 60 }, (_, n) => ({
      ...(n % 3 !== 0 && { vector: [1, n] }),
      ...(n % 3 !== 1 && { sparseVector: { indices: [n % 50], values: [1] } }),
      topK: 100,
      includeMetadata: true,
      ...(n % 2 === 0 && { filter: "n >= 0" }),
    }));
    const answers = await Promise.all(queries.map((query) => post(emulator, "query", query)));
    const failed = answers.filter(({ status }) => status !== 200);
    expect(failed.length).toBeGreaterThan(0);
    for (const { status, body } of failed) {
      expect(status).toBe(500);
      expect((body as { error: string }).error).toMatch(
        /The index at index\.sqlite: .*(damaged|not what was written)/,
      );
    }
    expect(entries.filter(({ failure }) => failure?.includes("StorageError"))).toHaveLength(failed.length);
    expect((await post(emulator, "list-namespaces")).status).toBe(200);
  } finally {
    await emulator.close();
  }
});
