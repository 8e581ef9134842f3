import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { UsageError } from "../../src/foundation/errors.ts";

async function vectorOf(text: string, dimension: number): Promise<Float32Array> {
  const [vector] = await new HashingEmbedder(dimension).embed([text]);
  return vector as Float32Array;
}

function dot(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, component, place) => sum + component * (right[place] as number), 0);
}

const anyDimension = fc.integer({ min: 1, max: 5_376 });

describe("HashingEmbedder (EMB-4)", () => {
  it("says in its name that it is for tests", () => {
    expect(new HashingEmbedder(384)).toMatchObject({ model: "TEST_HASHING_384", dimension: 384 });
  });

  it.each([0, -1, 1.5, 5_377, Number.NaN])("refuses %s dimensions", (dimension) => {
    expect(() => new HashingEmbedder(dimension)).toThrow(UsageError);
  });

  it.each([64, 256, 1_024, 5_376])(
    "puts texts that share words together, at %i dimensions",
    async (dimension) => {
      const soup = await vectorOf("tomato soup", dimension);
      expect(dot(soup, await vectorOf("soup of tomatoes", dimension))).toBeGreaterThan(0.99);
      expect(dot(soup, await vectorOf("chocolate cake", dimension))).toBeLessThan(0.5);
    },
  );

  it("puts words of a family nearer than strangers, by their trigrams", async () => {
    const baker = await vectorOf("bakery", 1_024);
    const relative = dot(baker, await vectorOf("bakers", 1_024));
    expect(relative).toBeGreaterThan(0.05);
    expect(relative).toBeGreaterThan(dot(baker, await vectorOf("lemon", 1_024)));
  });

  it("ranks by the number of words shared", async () => {
    const words = ["rice", "onion", "garlic", "lemon", "pepper", "butter", "cheese", "honey"];
    const all = await vectorOf(words.join(" "), 1_024);
    const similarities = await Promise.all(
      words.map(async (_, count) => dot(all, await vectorOf(words.slice(0, count + 1).join(" "), 1_024))),
    );
    expect(similarities).toEqual(similarities.toSorted((left, right) => left - right));
  });

  it("gives a text without a term the first axis", async () => {
    for (const text of ["", "   ", "the of and", "☃"]) {
      expect([...(await vectorOf(text, 4))]).toEqual([1, 0, 0, 0]);
    }
  });

  it("gives unit length for any text, and never NaN", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), anyDimension, async (text, dimension) => {
        const vector = await vectorOf(text, dimension);
        expect(vector).toHaveLength(dimension);
        expect(dot(vector, vector)).toBeCloseTo(1, 5);
      }),
    );
  });

  it("gives the same text the same vector, alone or among others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.lorem(), { minLength: 1 }), async (texts) => {
        const together = await new HashingEmbedder(64).embed(texts);
        const alone = await Promise.all(texts.map((text) => vectorOf(text, 64)));
        expect(together).toEqual(alone);
      }),
    );
  });

  it("stays what it is from version to version", async () => {
    const vector = await vectorOf("Spicy tomato soup", 8);
    expect([...vector].map((component) => Number(component.toFixed(4)))).toEqual([
      -0.0819, -0.1003, 0.2613, -0.4196, 0.8103, -0.2719, -0.0897, -0.0184,
    ]);
  });
});
