import { describe, expect, it } from "vitest";
import { z } from "zod";
import { initialOf, initialsOf, lastInitialOf } from "../../src/rag/vocabulary/initials.ts";
import { readVocabulary } from "../../src/rag/vocabulary/vocabulary.ts";
import { readWords } from "../../src/rag/vocabulary/words.ts";

const words = z.array(z.string().min(1));

/** The shape of each file in `data/vocabulary`. */
const schema = z.object({
  fields: z.record(z.string(), words.min(1)),
  places: z.array(z.strictObject({ name: z.string(), words, contains: words.optional() })),
  synonyms: z.array(words.min(2)),
  allergens: z.array(
    z.strictObject({
      name: z.string(),
      words: words.min(1),
      notes: z.record(z.string(), z.string()).optional(),
      values: words,
      foods: words,
      exceptions: words.optional(),
      related: words.optional(),
      members: words.optional(),
      diet: z.string().optional(),
    }),
  ),
  diets: z.array(
    z.strictObject({
      name: z.string(),
      words: words.min(1),
      values: words.min(1),
      forbids: words,
      exceptions: words,
      allergens: words,
      impliedBy: words,
    }),
  ),
  ingredientFamilies: z.record(z.string(), words.min(1)),
  values: z.record(z.string(), z.record(z.string(), words.min(1))),
  narrowerTypes: z.record(z.string(), words.min(1)),
  facts: z.array(
    z.strictObject({
      name: z.string(),
      field: z.string(),
      words: words.min(1),
      cues: words,
      unsaid: z.string(),
    }),
  ),
  warnings: z.array(z.strictObject({ ingredients: words.min(1), persons: words.min(1), note: z.string() })),
  adjectives: z.array(
    z.strictObject({ word: z.string(), fields: words.optional(), isLess: z.boolean().optional() }),
  ),
  languages: z.record(z.string(), z.string()),
  questionWords: words,
  outside: words,
});

describe("vocabulary files", () => {
  const vocabulary = readVocabulary();

  it("have the shape that the question analysis reads", () => {
    expect(schema.safeParse(vocabulary).error).toBeUndefined();
  });

  it("refer only to names that exist", () => {
    const families = new Set(vocabulary.allergens.map(({ name }) => name));
    const diets = new Set(vocabulary.diets.map(({ name }) => name));
    for (const { members = [], diet } of vocabulary.allergens) {
      for (const member of members) expect(families).toContain(member);
      if (diet !== undefined) expect(diets).toContain(diet);
    }
    for (const { allergens, impliedBy } of vocabulary.diets) {
      for (const name of allergens) expect(families).toContain(name);
      for (const name of impliedBy) expect(diets).toContain(name);
    }
  });
});

it.each(["choco\u00adlate", "choco\u200dlate", "\ufeffchocolate", "chocolate’s"])(
  "a text with invisible characters is read as one word: %j",
  (text) => {
    expect(readWords(`a ${text}, b`).map(({ plain }) => plain)).toContain("chocolate");
  },
);

describe("The initials of a phrase", () => {
  const shipped = JSON.stringify(readVocabulary()).match(/(?<=")[^"]+/g) ?? [];

  it.each([
    ["the shipped vocabulary", shipped],
    [
      "other texts",
      ["Chefs' salt", "O'Brien", "rock 'n' roll", "Éclair", "ﬁne ŒUFS", "7-Up", "", "—", "sopa à la crème"],
    ],
  ])("are the first letters of its stems: %s", (_, phrases) => {
    for (const phrase of phrases) {
      const letters = readWords(phrase).map(({ stem }) => stem.charAt(0));
      expect([phrase, initialOf(phrase)]).toEqual([phrase, letters[0] ?? ""]);
      expect([phrase, lastInitialOf(phrase)]).toEqual([phrase, letters.at(-1) ?? ""]);
      expect([...initialsOf(phrase)]).toEqual(expect.arrayContaining(letters));
    }
  });
});
