import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { describeUnless, unless } from "../../helpers/obstacles.ts";
import { readAll } from "./stores.ts";

/**
 * Directories that Python's Chroma has written, beside what it answered. Not part of the repository: put them,
 * or a link to them, into `.real-chroma` at its top. Without them stores.ts stands in for Chroma.
 */
const real = fileURLToPath(new URL("../../../.real-chroma", import.meta.url));

const obstacle = unless(existsSync(real), "no directories in .real-chroma");

interface Expected {
  readonly count: number;
  readonly ids: readonly string[];
  readonly documents: readonly (string | null)[];
  readonly metadatas: readonly (Record<string, unknown> | null)[];
  readonly embeddings: readonly (readonly number[])[];
}

/** Of cosine collections: their vectors are normalised and restored, each time rounded to float32. */
const cosineTolerance = 2e-6;

describeUnless(obstacle, "directories that Chroma itself has written (VEC-5, MIG-3)", () => {
  const versions = ["0.4.24", "0.6.3"].flatMap((version) =>
    ["foods", "cos", "ipc"].map((name) => [version, name] as const),
  );

  it.each(versions)("%s %s: every record is what Python returned", async (version, name) => {
    const answers = JSON.parse(
      gunzipSync(readFileSync(join(real, "chroma-versions", `${version}.expected.json.gz`))).toString(),
    ) as Record<string, Expected>;
    const expected = answers[name] as Expected;
    const { records } = await readAll(join(real, "chroma-versions", version), {}, name);
    expect(records).toHaveLength(expected.count);
    const places = new Map(expected.ids.map((id, place) => [id, place]));
    for (const { id, text, metadata, vector } of records) {
      const place = places.get(id) as number;
      expect(text ?? null).toBe(expected.documents[place]);
      expect(metadata ?? {}).toEqual(expected.metadatas[place] ?? {});
      const known = Float32Array.from(expected.embeddings[place] as readonly number[]);
      const farthest = known.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (vector?.[at] ?? 0))),
        0,
      );
      if (name === "cos") expect(farthest).toBeLessThan(cosineTolerance);
      else expect(vector).toEqual(known);
    }
  });

  it.each(["store-90-a", "store-90-b"])("%s: 90 records, each with its vector", async (store) => {
    const { records } = await readAll(join(real, "legacy-chroma", store));
    expect(records).toHaveLength(90);
    for (const { text, vector } of records) {
      expect(text).not.toBe("");
      expect(vector).toHaveLength(1_024);
    }
  });
});
