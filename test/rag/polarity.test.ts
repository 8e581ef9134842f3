import { describe, expect, it } from "vitest";
import { Conversation } from "../../src/rag/conversation.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = [
  {
    id: "ramen",
    name: "Tonkotsu Ramen",
    text: "Tonkotsu ramen is a Japanese noodle soup.",
    type: "Soup",
    ingredients: ["pork", "fish sauce"],
    allergens: ["soybeans", "eggs", "fish"],
    diet: [],
  },
  {
    id: "hummus",
    name: "Hummus",
    text: "Hummus is a smooth dip of chickpeas.",
    type: "Dip",
    ingredients: ["chickpeas"],
    allergens: ["sesame"],
    diet: ["vegan"],
  },
  {
    id: "uzbek-non",
    name: "Uzbek Non",
    text: "Uzbek non is a round loaf.",
    type: "Flatbread",
    ingredients: ["flour", "water"],
    allergens: ["gluten"],
    diet: ["vegan"],
  },
];

async function answerTo(question: string): Promise<string> {
  const { engine } = await foodEngine({}, foods);
  return (await engine.ask(question)).text;
}

describe("yes or no", () => {
  it.each([
    // A name that ends like a denial.
    ["Is Uzbek Non vegan?", "Yes, Uzbek Non is vegan"],
    ["Is Uzbek Non gluten-free?", "No, Uzbek Non is not gluten-free"],
    ["Are you sure ramen has no fish sauce?", "No, Tonkotsu Ramen contains fish sauce"],
    ["Does ramen have no fish sauce?", "No, Tonkotsu Ramen contains fish sauce"],
    ["Is there no fish sauce in ramen?", "No, Tonkotsu Ramen contains fish sauce"],
    ["Isn't ramen without fish sauce?", "No, Tonkotsu Ramen contains fish sauce"],
    ["Does ramen contain fish sauce?", "Yes, Tonkotsu Ramen contains fish sauce"],
    ["Doesn't ramen contain fish sauce?", "Yes, Tonkotsu Ramen contains fish sauce"],
    ["Are you sure ramen has no soy?", "No, Tonkotsu Ramen contains soybeans"],
    ["Is ramen free of soy?", "No, Tonkotsu Ramen contains soybeans"],
    ["Is ramen safe with a soy allergy?", "No, Tonkotsu Ramen contains soybeans"],
    ["Doesn't ramen contain soy?", "Yes, Tonkotsu Ramen contains soybeans"],
    ["Does ramen contain soy? I am allergic.", "Yes, Tonkotsu Ramen contains soybeans"],
    ["Should I avoid ramen with a soy allergy?", "Yes, Tonkotsu Ramen contains soybeans"],
    [
      "Is there anything in ramen that a person with soy allergy should avoid?",
      "Yes, Tonkotsu Ramen contains soybeans",
    ],
    ["Isn't there milk in hummus?", "No: Hummus lists no milk"],
    ["Does hummus have no milk?", "Yes, by its record: Hummus lists no milk"],
    ["Are you sure hummus has no pork?", "Yes, by its record: Hummus does not list pork"],
    ["Should someone with a milk allergy avoid hummus?", "No: Hummus lists no milk"],
  ])("follows what is asked: %s", async (question, beginning) => {
    expect((await answerTo(question)).startsWith(beginning), await answerTo(question)).toBe(true);
  });

  it.each([
    ["Is hummus not vegan?", "Hummus is vegan"],
    ["Are you sure ramen isn't vegan?", "Tonkotsu Ramen is not"],
    ["Is ramen not safe with a soy allergy?", "Tonkotsu Ramen contains soybeans"],
  ])("gives way to the fact if it is not certain: %s", async (question, beginning) => {
    expect((await answerTo(question)).startsWith(beginning), await answerTo(question)).toBe(true);
  });

  it("gives way to the fact in a follow-up that only names a food", async () => {
    const conversation = new Conversation((await foodEngine({}, foods)).engine);
    let text = "";
    for (const question of ["Is hummus free of soy?", "And ramen?"])
      for await (const event of conversation.ask(question))
        if (event.kind === "answer") text = event.answer.text;
    expect(text).toMatch(/^Tonkotsu Ramen contains soybeans/);
  });
});
