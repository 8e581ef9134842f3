import { describe, expect, it } from "vitest";
import { CatalogBuilder } from "../../src/rag/catalog/builder.ts";
import { overlapOf } from "../../src/rag/retrieval/relevance.ts";
import type { Match } from "../../src/store/document.ts";

const catalog = new CatalogBuilder().build();

function share(match: Partial<Match>): number {
  return overlapOf(["tomato", "soup"], { id: "1", score: 1, ...match }, catalog).share;
}

describe("the terms of a record, which are remembered", () => {
  it("are read again if its text or a field has changed", () => {
    expect(share({ text: "A cold soup." })).toBeCloseTo(0.5);
    expect(share({ text: "A cold soup." })).toBeCloseTo(0.5);
    expect(share({ text: "A warm stew." })).toBe(0);
    expect(share({ text: "A warm stew.", metadata: { ingredients: ["tomato"] } })).toBeCloseTo(0.5);
    expect(share({ text: "A warm stew.", metadata: { ingredients: ["tomato", "soup"] } })).toBe(1);
    expect(share({ text: "A warm stew.", metadata: { ingredients: ["leek", "soup"] } })).toBeCloseTo(0.5);
    expect(share({ text: "A warm stew.", metadata: { name: "tomato soup" } })).toBe(1);
    expect(share({ text: "A warm stew.", metadata: { name: "leek" } })).toBe(0);
  });

  it("are compared by value only if that is quick: objects are read again", () => {
    const nested = (name: string) => ({ text: "Stew.", metadata: { origin: { name } } });
    expect(share(nested("tomato"))).toBe(share(nested("tomato")));
    expect(share({ text: "Soup.", metadata: { original_text: "Tomato." } })).toBeCloseTo(0.5);
  });
});
