import { expect, it, onTestFinished } from "vitest";
import { ChromaServerSource } from "../../../src/migration/chroma-server/source.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { makeChromaDirectory } from "../../helpers/chroma-directory.ts";
import { chromaObstacle, startChroma } from "../../helpers/chroma-server.ts";
import { describeUnless } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

describeUnless(chromaObstacle, "a directory of Chroma", () => {
  it("is served again as it was written, with and without an index on disk", async () => {
    const directory = temporaryDirectory();
    // Chroma writes its index at 1,000 records; until then all vectors are in its log.
    const expected = await makeChromaDirectory(directory, [
      { collection: "indexed", space: "l2", count: 1_500, dimension: 16 },
      { collection: "logged", space: "l2", count: 200, dimension: 8 },
    ]);
    const server = await startChroma(directory);
    onTestFinished(() => server.stop());
    for (const [collection, records] of expected) {
      const source = new ChromaServerSource({ server: { url: server.url, timeoutMs: 10_000 }, collection });
      const read: StoreRecord[] = [];
      for await (const batch of source.records()) read.push(...batch);
      expect(read.map((record) => ({ ...record, vector: Float32Array.from(record.vector ?? []) }))).toEqual(
        records,
      );
    }
  });
});
