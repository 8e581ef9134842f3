import { describe, expect, it } from "vitest";
import { Conversation } from "../../src/rag/conversation.ts";
import { remembered, saysWhatToAvoid } from "../../src/rag/understanding/personal.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const plain = { region: "Thailand", type: "Curry", meal: ["dinner"] };
const foods = [
  {
    ...plain,
    id: "massaman",
    name: "Massaman Curry",
    text: "Massaman curry is a Thai curry with peanuts.",
    ingredients: ["beef", "peanuts"],
    allergens: ["peanuts"],
    diet: [],
  },
  {
    ...plain,
    id: "vegetable-curry",
    name: "Jungle Curry",
    text: "Jungle curry is a Thai curry of vegetables.",
    ingredients: ["eggplant"],
    allergens: [],
    diet: ["vegan"],
  },
];

/** The text and the sources of the last answer of a conversation. */
async function lastAnswer(...questions: string[]) {
  const conversation = new Conversation((await foodEngine({}, foods)).engine);
  let last = { text: "", ids: [] as string[] };
  for (const question of questions) {
    for await (const event of conversation.ask(question)) {
      if (event.kind === "answer")
        last = { text: event.answer.text, ids: event.answer.sources.map(({ id }) => id) };
    }
  }
  return last;
}

describe("what a person said that they must avoid", () => {
  it.each(["I am allergic to peanuts", "I'm vegan", "My daughter has a peanut allergy. What can we eat?"])(
    "holds for later questions: %s",
    async (said) => {
      expect((await lastAnswer(said, "What can I eat in Thailand?")).ids).toEqual(["vegetable-curry"]);
      expect((await lastAnswer(said, "Hello", "a curry from Thailand", "any others?")).ids).toEqual([
        "vegetable-curry",
      ]);
    },
  );

  it("is asked of a food that they name", async () => {
    const { text } = await lastAnswer("I am allergic to peanuts", "Can I eat massaman curry?");
    expect(text).toContain("No, Massaman Curry contains peanuts");
  });

  it("holds until it is taken back", async () => {
    const { ids } = await lastAnswer("I am allergic to peanuts", "peanuts are fine", "a curry from Thailand");
    expect(ids).toContain("massaman");
  });

  it("is not what a question asks about", () => {
    expect(
      ["Is tofu vegan?", "Which dishes can vegans eat?", "What do you avoid?"].filter(saysWhatToAvoid),
    ).toEqual([]);
  });

  it("is remembered beyond the last exchanges", () => {
    const exchanges = ["I'm vegan", "a", "b", "c", "d"].map((question) => ({ question }));
    expect(remembered(exchanges, 2).map(({ question }) => question)).toEqual(["I'm vegan", "c", "d"]);
  });
});

describe("a question that goes on", () => {
  it("after one that found nothing", async () => {
    expect((await lastAnswer("a vegan curry from Peru", "from Thailand instead")).ids).toEqual([
      "vegetable-curry",
    ]);
  });
});
