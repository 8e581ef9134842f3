import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { cautionLines } from "../../src/rag/answer/list-lines.ts";
import { toSource } from "../../src/rag/source.ts";
import { literalPlan } from "../../src/rag/understanding/plan.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const cake = {
  id: "bobo",
  name: "Bobo Cake",
  region: "France",
  type: "Cake",
  allergens: ["eggs"],
  mayContain: [],
  diet: ["dairy-free"],
  ingredients: ["flour", "eggs"],
};

async function answerOf(question: string, text: string, more: Partial<Food> = {}): Promise<string> {
  const { engine } = await foodEngine({}, [{ ...cake, text, ...more }]);
  return (await engine.ask(question)).text;
}

describe("a record whose text names what its lists leave out", () => {
  it.each([
    ["Topped with prawns and chopped almonds.", "Is Bobo cake ok with a nut allergy?"],
    ["Topped with prawns and chopped almonds.", "Is Bobo cake safe with a shellfish allergy?"],
    ["It is filled with cream and walnuts.", "Does Bobo cake contain nuts?"],
    ["Bobo cake contains almonds.", "Is Bobo cake without nuts?"],
    ["Crushed peanuts add crunch.", "Does Bobo cake contain peanuts?"],
    ["Not for people with peanut allergy.", "Is Bobo cake ok with a peanut allergy?"],
    ["It is glazed with butter.", "Is Bobo cake dairy-free?"],
  ])("is treated as containing it: %s", async (text, question) => {
    const answer = await answerOf(question, `Bobo cake is a cake. ${text}`);
    expect(answer).toMatch(/^(?:No, treat|Treat) Bobo Cake as .*the record contradicts itself/);
    expect(answer).toContain(text.replace(/[.]$/, ""));
  });

  it("is in no list of foods without it", async () => {
    const answer = await answerOf("French cakes without nuts", "Bobo cake is topped with almonds.");
    expect(answer).toContain("none is recommended");
  });

  it.each([
    ["It is eaten with almond sauce.", "Does Bobo cake contain nuts?"],
    ["It contains no almonds.", "Does Bobo cake contain nuts?"],
    ["Shito contains almonds.", "Does Bobo cake contain nuts?"],
    ["An older version was filled with almonds.", "Does Bobo cake contain nuts?"],
    ["It is filled with jam, or served with cream.", "Does Bobo cake contain milk?"],
    ["Toast it, then add butter.", "Does Bobo cake contain milk?"],
  ])("does not contradict itself with other foods: %s", async (text, question) => {
    expect(await answerOf(question, `Bobo cake is a cake. ${text}`)).toMatch(/^No: Bobo Cake lists no/);
  });

  it("has its own sentence after the name of a vitamin", async () => {
    const text = "Bobo cake is rich in vitamin C. It is topped with almonds.";
    expect(await answerOf("Does Bobo cake contain nuts?", text)).toContain(
      "says “It is topped with almonds”",
    );
  });
});

it("names the allergens of a record before it says that the record does not say what is safe", () => {
  const source = toSource({ id: "bobo", score: 1, text: "Bobo cake.", metadata: cake }, 0);
  const [, first] = cautionLines(literalPlan("Are eggs my enemy, what is safe?"), [source]);
  expect(first?.text).toBe("- Bobo Cake: not safe by its record (allergens: eggs).");
});
