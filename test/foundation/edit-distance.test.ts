import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../src/foundation/edit-distance.ts";

describe("editDistance", () => {
  it.each([
    ["India", "India", 0],
    ["Inda", "India", 1],
    ["Idnia", "India", 1],
    ["", "Peru", 4],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
    ["a cat", "an act", 2],
  ])("%j to %j takes %i", (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
  });

  it("is 0 for equal texts alone, the same both ways, and no more than the longer text has", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "🍜"), maxLength: 7 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance === 0).toBe(left === right);
        expect(editDistance(right, left)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max([...left].length, [...right].length));
      }),
    );
  });

  it("counts one mistake as one", () => {
    const characters = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(characters, fc.nat(), fc.constantFrom("insert", "drop", "swap"), (text, seed, mistake) => {
        const place = seed % (text.length - 1);
        const mistaken: string[] = [...text];
        if (mistake === "insert") mistaken.splice(place, 0, "x");
        else if (mistake === "drop") mistaken.splice(place, 1);
        else mistaken.splice(place, 2, text[place + 1] as string, text[place] as string);
        expect(editDistance(text.join(""), mistaken.join(""))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("nearestName", () => {
  const regions = ["Italy", "India", "Indonesia", "Côte d'Ivoire", "Mali", "Malta"];
  it.each([
    ["Inda", "India"],
    ["india", "India"],
    ["Indian", "India"],
    ["Cote d'ivoire", "Côte d'Ivoire"],
    ["Indones", "Indonesia"],
    ["Peru", undefined],
    ["", undefined],
    ["It", undefined],
  ])("of %j is %j", (wanted, name) => {
    expect(nearestName(wanted, regions)).toBe(name);
  });
});
