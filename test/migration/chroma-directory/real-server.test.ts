import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDirectoryInventory, openServerInventory } from "../../../src/composition/endpoints/inventory.ts";
import { ChromaDirectory } from "../../../src/migration/chroma-directory/index.ts";
import { ChromaServerSource } from "../../../src/migration/chroma-server/source.ts";
import type { RecordSource } from "../../../src/migration/source.ts";
import { takeInventory } from "../../../src/migration/survey/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { makeChromaDirectory } from "../../helpers/chroma-directory.ts";
import { chromaObstacle, startChroma } from "../../helpers/chroma-server.ts";
import { describeUnless } from "../../helpers/obstacles.ts";

/** Normalised by Chroma and scaled back: two roundings of float32 on components up to 10. */
const cosineTolerance = 2e-6;

async function readAll(source: RecordSource): Promise<StoreRecord[]> {
  const records: StoreRecord[] = [];
  for await (const batch of source.records()) records.push(...batch);
  return records;
}

const withoutVector = ({ vector: _, ...rest }: StoreRecord) => rest;
const bits = ({ vector }: StoreRecord) => Float32Array.from(vector ?? []);

function furthest(left: readonly StoreRecord[], right: readonly StoreRecord[]): number {
  let most = 0;
  for (const [place, record] of left.entries()) {
    const other = bits(right[place] as StoreRecord);
    for (const [component, value] of bits(record).entries()) {
      const magnitude = Math.max(1, Math.abs(value));
      most = Math.max(most, Math.abs(value - (other[component] as number)) / magnitude);
    }
  }
  return most;
}

describeUnless(
  chromaObstacle,
  "a directory that a Chroma server wrote, read directly and through a server",
  () => {
    let expected: Map<string, StoreRecord[]>;
    let directory: ChromaDirectory;
    let server: Awaited<ReturnType<typeof startChroma>>;
    const root = mkdtempSync(join(tmpdir(), "ragfood-test-"));
    const path = join(root, "chroma_db");

    beforeAll(async () => {
      expected = await makeChromaDirectory(path, [
        { collection: "plain", space: "l2", count: 10_000, dimension: 32 },
        { collection: "angles", space: "cosine", count: 1_500, dimension: 16 },
      ]);
      const copy = join(root, "copy");
      cpSync(path, copy, { recursive: true });
      directory = ChromaDirectory.open(path);
      server = await startChroma(copy);
    }, 120_000);

    afterAll(async () => {
      directory?.close();
      await server?.stop();
      rmSync(root, { recursive: true, force: true });
    });

    it.each(["plain", "angles"])(
      "%s: every record is the same on all three (MIG-3)",
      async (collection) => {
        const direct = await readAll(directory.source(directory.collection(collection)));
        const served = await readAll(
          new ChromaServerSource({ server: { url: server.url, timeoutMs: 30_000 }, collection }),
        );
        const written = expected.get(collection) ?? [];
        expect(direct.length).toBe(written.length);
        expect(direct.map(withoutVector)).toEqual(served.map(withoutVector));
        expect(direct.map(withoutVector)).toEqual(written.map(withoutVector));
        if (collection === "plain") {
          expect(direct.map(bits)).toEqual(served.map(bits));
          expect(direct.map(bits)).toEqual(written.map(bits));
        } else {
          expect(furthest(direct, served)).toBeLessThan(cosineTolerance);
          expect(furthest(direct, written)).toBeLessThan(cosineTolerance);
        }
      },
      120_000,
    );

    it("an inventory of the server says what one of the directory says", async () => {
      const [ofDirectory, ofServer] = [
        openDirectoryInventory(path),
        await openServerInventory({ url: server.url, timeoutMs: 30_000 }),
      ];
      expect(ofServer.collections.map(({ name }) => name)).toEqual(["angles", "plain"]);
      const inventories = await Promise.all(
        [ofDirectory, ofServer].map(async ({ collections }) => {
          const found = collections.find(({ name }) => name === "angles");
          return await takeInventory(found as NonNullable<typeof found>);
        }),
      );
      const [direct, served] = inventories.map(({ recordCount, dimension, distance, keys }) => ({
        recordCount,
        dimension,
        space: distance.space,
        keys,
      }));
      expect(served).toEqual(direct);
      expect(inventories[0]?.norms?.mean).toBeCloseTo(inventories[1]?.norms?.mean ?? 0, 4);
      await ofDirectory.close();
    });
  },
);
