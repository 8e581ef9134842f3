import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RagfoodError } from "../../../src/foundation/errors.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { readAll, smallStore } from "./stores.ts";

/** A vector may differ where Chroma's format has no check: its bytes, under l2 and ip, and in the queue. */
function withoutVectors(records: readonly StoreRecord[]): unknown[] {
  return records.map(({ vector: _, ...rest }) => rest);
}

/** Files of a store, those that this reader has a use for. */
function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(sqlite3|bin|pickle)$/.test(name) && !name.includes("link_lists"))
    .sort();
}

describe("a damaged Chroma directory is never read wrongly if a check is possible", () => {
  it.each(["0.4", "1.5"] as const)(
    "%s: any flipped bit or cut gives the same records, or a typed error",
    async (version) => {
      const original = smallStore(version, { space: "cosine" });
      const { records: expected } = await readAll(original);
      const files = filesOf(original);
      let refused = 0;
      const fault = fc.record({
        file: fc.constantFrom(...files),
        place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        bit: fc.nat(7),
        cuts: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fault, async ({ file, place, bit, cuts }) => {
          const path = join(temporaryDirectory(), "chroma_db");
          cpSync(original, path, { recursive: true });
          const content = readFileSync(join(path, file));
          const offset = Math.floor(place * content.length);
          if (cuts) truncateSync(join(path, file), offset);
          else {
            content[offset] = (content[offset] as number) ^ (1 << bit);
            writeFileSync(join(path, file), content);
          }
          let records: StoreRecord[];
          try {
            records = (await readAll(path)).records;
          } catch (error) {
            expect(error).toBeInstanceOf(RagfoodError);
            refused++;
            return;
          }
          expect(records).toHaveLength(expected.length);
          expect(records.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          if (!file.endsWith(".sqlite3")) expect(withoutVectors(records)).toEqual(withoutVectors(expected));
        }),
        { numRuns: 100 },
      );
      expect(refused).toBeGreaterThan(10);
    },
  );
});
