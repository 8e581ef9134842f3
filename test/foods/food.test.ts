import { describe, expect, it } from "vitest";
import { toDocument } from "../../src/foods/food.ts";

describe("toDocument (RAG-8)", () => {
  it("enriches the text and keeps the original and every other field", () => {
    expect(
      toDocument({ id: "1", text: "Pho is a soup.", region: "Vietnam", type: "Soup", energy: 60 }),
    ).toEqual({
      id: "1",
      text: "Pho is a soup. This food is popular in Vietnam. It is a type of Soup.",
      metadata: { region: "Vietnam", type: "Soup", original_text: "Pho is a soup.", energy: 60 },
    });
  });

  it("has defaults for region and type", () => {
    expect(toDocument({ id: "1", text: "Something." })).toEqual({
      id: "1",
      text: "Something. This food is popular in unknown. It is a type of general.",
      metadata: { region: "unknown", type: "general", original_text: "Something." },
    });
  });

  it("adds no region and type if the template names none", () => {
    expect(toDocument({ id: "1", text: "Something." }, "{text}").metadata).toEqual({});
  });

  it("takes a template of one's own, with any field in it", () => {
    const food = { id: "1", text: "Dal.", diet: ["vegan", "gluten-free"], protein: 9 };
    expect(toDocument(food, "{text} Diet: {diet}. Protein: {protein} g. {missing}").text).toBe(
      "Dal. Diet: vegan, gluten-free. Protein: 9 g.",
    );
  });
});
