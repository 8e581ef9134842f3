import { describe, expect, it } from "vitest";
import { parseAnswer } from "../../web/ask/answer-text.ts";
import { toFilterText } from "../../web/ask/chosen-filter.ts";
import { usedSentence } from "../../web/ask/used-sentence.ts";

const diet = { field: "diet", isList: true, isExcluded: false };
const region = { field: "region", isList: false, isExcluded: false };

describe("the text of an answer", () => {
  it("reads citations, lists and strong words", () => {
    expect(parseAnswer("Two **stews**:\n- Misir Wot [1][2]\n- Githeri `x`", { sourceCount: 2 })).toEqual([
      {
        kind: "paragraph",
        line: [
          { kind: "text", text: "Two " },
          { kind: "strong", text: "stews" },
          { kind: "text", text: ":" },
        ],
      },
      {
        kind: "list",
        items: [
          [
            { kind: "text", text: "Misir Wot " },
            { kind: "citation", number: 1 },
            { kind: "citation", number: 2 },
          ],
          [
            { kind: "text", text: "Githeri " },
            { kind: "code", text: "x" },
          ],
        ],
      },
    ]);
  });

  it("leaves markup, links and numbers of no source as they are", () => {
    const text = `<script>alert(1)</script> [9] [0] [a](javascript:alert(1))`;
    expect(parseAnswer(text, { sourceCount: 3 })).toEqual([
      { kind: "paragraph", line: [{ kind: "text", text }] },
    ]);
  });

  it("puts compared foods side by side", () => {
    const text = "Type – Ramen: Soup; Pho Bo: Soup. [1][2]\nSeason – Ramen: all year; Pho Bo: winter. [1][2]";
    expect(parseAnswer(text, { sourceCount: 2, names: ["Ramen", "Pho Bo"] })).toEqual([
      {
        kind: "comparison",
        names: ["Ramen", "Pho Bo"],
        rows: [
          { label: "Type", cells: ["Soup", "Soup"], citations: [1, 2] },
          { label: "Season", cells: ["all year", "winter"], citations: [1, 2] },
        ],
      },
    ]);
  });
});

describe("the sentence of a source that was used", () => {
  it("is the one that the answer quotes beside the mark", () => {
    const text = "Pho is a soup. It has beef and herbs. Eat it hot.";
    expect(usedSentence(text, "Ramen is rich. [1] It has beef and herbs. [2]", 2)).toEqual({
      before: "Pho is a soup. ",
      used: "It has beef and herbs.",
      after: "Eat it hot.",
    });
  });

  it("is the first one if the answer does not cite the source", () => {
    expect(usedSentence("One. Two.", "Nothing here.", 1).used).toBe("One.");
  });
});

describe("chosen filters", () => {
  it("joins values of a list with AND, and of a single field with IN", () => {
    expect(
      toFilterText([
        { ...diet, value: "vegan" },
        { ...diet, value: "gluten-free" },
        { ...region, value: "India" },
        { ...region, value: "Peru" },
      ]),
    ).toBe("diet CONTAINS 'vegan' AND diet CONTAINS 'gluten-free' AND region IN ('India', 'Peru')");
  });

  it("takes a food that may contain an allergen for one with it", () => {
    expect(toFilterText([{ field: "allergens", isList: true, isExcluded: true, value: "nuts" }])).toBe(
      "allergens NOT CONTAINS 'nuts' AND (HAS NOT FIELD mayContain OR mayContain NOT CONTAINS 'nuts')",
    );
  });

  it("quotes values with apostrophes", () => {
    expect(toFilterText([{ ...region, value: "Cote d'Ivoire" }])).toBe(`region = "Cote d'Ivoire"`);
  });
});
