import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import type { Answer } from "../../src/rag/answer.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const soup = { type: "Soup", region: "India", allergens: [], mayContain: [], diet: ["vegan"] };

const foods: Food[] = [
  {
    ...soup,
    id: "rasam",
    name: "Rasam",
    text: "Rasam is a warm, peppery soup.",
    allergens: ["mustard"],
    mayContain: ["gluten"],
  },
  {
    ...soup,
    id: "gazpacho",
    name: "Gazpacho",
    text: "Gazpacho is a cold tomato soup.",
    region: "Spain",
  },
  {
    ...soup,
    id: "chowder",
    name: "Chowder",
    text: "Chowder is a warm soup of cream and clams.",
    region: "United States",
    allergens: ["milk", "molluscs"],
    diet: [],
  },
  {
    ...soup,
    id: "reindeer",
    name: "Poronkäristys",
    type: "Meat Dish",
    region: "Finland",
    text: "Poronkäristys is stewed with water or beer. Choose water over beer to keep it gluten-free.",
    diet: ["gluten-free"],
  },
];

/** The answers to questions of one conversation. */
async function talk(...questions: string[]): Promise<Answer[]> {
  const { engine } = await foodEngine({}, foods);
  const conversation = new Conversation(engine);
  const answers: Answer[] = [];
  for (const question of questions) {
    for await (const event of conversation.ask(question))
      if (event.kind === "answer") answers.push(event.answer);
  }
  return answers;
}

const last = async (...questions: string[]) => (await talk(...questions)).at(-1) as Answer;

const idsOf = ({ sources }: Answer) => sources.map(({ id }) => id).sort();

describe("a follow-up takes a condition back (RAG-12)", () => {
  it.each([
    "It does not have to be from India",
    "it needn't come from India",
    "forget about India",
    "from anywhere",
    "India is not necessary",
  ])("a place: %s", async (words) => {
    const answer = await last("warm soups from India without milk", words);
    expect(idsOf(answer)).toEqual(["gazpacho", "rasam"]);
    expect(answer.understood).toContain("no longer: from India");
    expect(answer.plan.searchText).not.toContain("India");
  });

  it.each(["never mind the dairy", "milk is fine", "dairy does not matter"])(
    "what foods must be without: %s",
    async (words) => {
      const answer = await last("warm soups without milk", words);
      expect(idsOf(answer)).toContain("chowder");
      expect(answer.notices).toContain("These foods were not checked for what you took back: milk.");
    },
  );

  it("and a condition that comes later counts again", async () => {
    const answer = await last("soups without milk", "milk is fine", "which of them are vegan?");
    expect(idsOf(answer)).toEqual(["gazpacho", "rasam"]);
  });

  it("not what the question before did not ask for", async () => {
    const answer = await last("warm soups from India", "It does not have to be from Spain");
    expect(answer.plan.givenUp).toBeUndefined();
  });
});

describe("a question for the reasons of an answer (RAG-4)", () => {
  it.each(["Why did you choose the first source?", "why?", "How did you pick these?"])(
    "the reasons of an answer are given: %s",
    async (why) => {
      const [answer, reasons] = (await talk("warm vegan soups from India", why)) as [Answer, Answer];
      expect(idsOf(reasons)).toEqual(idsOf(answer));
      expect(reasons.text).toContain("- Rasam: meets: vegan, Soup, from India; shares the words: warm");
      expect(reasons.generator).toBe("extractive");
    },
  );

  it.each(["Why is rasam served hot?", "Why is it a good source of iron?"])(
    "but not a question about a food: %s",
    async (question) => {
      const answer = await last("What is rasam?", question);
      expect(answer.plan.asksWhy).toBeUndefined();
    },
  );

  it("does not become the topic of the next question", async () => {
    const answer = await last("soups from India", "why?", "which of them are vegan?");
    expect(answer.plan.asksWhy).toBeUndefined();
    expect(idsOf(answer)).toEqual(["rasam"]);
  });

  it("has a source that the question names", async () => {
    const answer = await last("What is rasam?");
    expect(answer.sources[0]?.reasons[0]).toBe("named in the question");
  });
});

describe("what someone with an allergy has to know (RAG-13)", () => {
  it("lists name all allergens of a record, not only the one that is asked about", async () => {
    const { text } = await last("soups from India without milk");
    expect(text).toContain("contains mustard; may contain gluten");
  });

  it("a diet that depends on how a dish is made is not a plain yes", async () => {
    const { text } = await last("Is Poronkäristys gluten-free?");
    expect(text).toMatch(/^Yes, on a condition: .+ "Choose water over beer to keep it gluten-free"/);
  });

  it("a list quotes the condition of a diet", async () => {
    const { text } = await last("gluten-free meat dishes");
    expect(text).toContain("Choose water over beer to keep it gluten-free");
  });
});
