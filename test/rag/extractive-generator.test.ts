import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import { splitSentences } from "../../src/rag/sentences.ts";
import type { Source } from "../../src/rag/source.ts";

function source(number: number, text: string, name?: string): Source {
  return {
    number,
    id: `${number}`,
    score: 1,
    region: "x",
    type: "y",
    text,
    metadata: name === undefined ? {} : { name },
    reasons: [],
  };
}

async function answer(question: string, sources: Source[]): Promise<string> {
  let text = "";
  for await (const piece of new ExtractiveGenerator().generate({ question, sources, history: [] }))
    text += piece;
  return text;
}

describe("ExtractiveGenerator (RAG-10)", () => {
  it("quotes the sentences that bear on the question, each with its citation", async () => {
    const text = await answer("Which nut is high in selenium?", [
      source(
        1,
        "Brazil nut grows in the Amazon. It is very high in selenium. The shell is hard.",
        "Brazil nut",
      ),
      source(2, "Kombu is a seaweed. It is high in iodine.", "Kombu"),
    ]);
    expect(text).toBe(
      "Brazil nut grows in the Amazon. [1] It is very high in selenium. [1]\nKombu: It is high in iodine. [2]",
    );
  });

  it("says nothing that is not in a source", async () => {
    const word = fc.constantFrom("rice", "beans", "spicy", "soup", "Lima", "e.g.", "12", "(raw)");
    const sentence = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => `A ${words.join(" ")}.`);
    const texts = fc.array(
      fc.array(sentence, { minLength: 1, maxLength: 4 }).map((list) => list.join(" ")),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.array(word, { maxLength: 4 }), async (list, question) => {
        const sources = list.map((text, place) => source(place + 1, text));
        const lines = (await answer(question.join(" "), sources)).split(/(?<=\[\d\])[ \n]/);
        expect(lines.length).toBeLessThanOrEqual(4);
        for (const line of lines) {
          const [, quoted = "", number = ""] = /^(.*) \[(\d)\]$/s.exec(line) ?? [];
          expect(splitSentences(sources[Number(number) - 1]?.text ?? "")).toContain(quoted);
        }
      }),
    );
  });
});

describe("splitSentences", () => {
  it.each([
    ["One. Two! Three?", ["One.", "Two!", "Three?"]],
    ["About 3.5 g of J. R. Smith's salt. Next.", ["About 3.5 g of J. R. Smith's salt.", "Next."]],
    ['He said "stop." Then left.', ['He said "stop."', "Then left."]],
    ["no end", ["no end"]],
    ["", []],
  ])("a text is split into sentences: %j", (text, sentences) => {
    expect(splitSentences(text)).toEqual(sentences);
  });
});
