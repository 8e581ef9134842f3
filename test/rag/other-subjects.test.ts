import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const articles: Food[] = [
  { id: "reset", text: "To reset a customer's password, open Admin > Users.", type: "how-to" },
  { id: "e42", text: "Error E42 means that the disk is full.", type: "error" },
  { id: "limits", text: "The API allows 100 requests a minute.", type: "limits" },
  { id: "refund", text: "Refunds are paid within 14 days to the original card.", type: "policy" },
  { id: "portal", text: "Backups of the Portal are kept for 30 days.", type: "policy" },
];

const abstracts: Food[] = [
  { id: "1", text: "Antibodies against bovine leukemia virus were found in people who drink milk." },
  { id: "2", text: "Statin use was associated with diabetes in a cohort that ate fish." },
  { id: "3", text: "We review whether aspirin prevents heart attacks, and the dose." },
  { id: "4", text: "Fruit intake and blood pressure in a randomised trial." },
];

async function answersOf(records: readonly Food[]) {
  const { engine } = await foodEngine({}, records);
  return async (question: string) => await engine.ask(question);
}

describe("records about something else than food (RAG-13)", () => {
  it.each([
    ["How do I reset a password?", "reset"],
    ["reset password", "reset"],
    ["Which policies concern the Portal?", "portal"],
    ["What does E42 mean?", "e42"],
  ])("are found by their words: %s", async (question, id) => {
    const ask = await answersOf(articles);
    const { sources, plan } = await ask(question);
    expect(sources[0]?.id).toBe(id);
    expect(plan).toMatchObject({ corrections: [], constraints: [] });
  });

  it("decline without a word of food", async () => {
    const ask = await answersOf(articles);
    const { text } = await ask("What is the vacation policy of the moon?");
    expect(text).not.toMatch(/food/);
  });

  it.each([
    ["bovine leukemia virus", "1"],
    ["Does statin use increase the risk of diabetes?", "2"],
    ["Can aspirin prevent heart attacks?", "3"],
  ])("are found beside foods, if they are no foods: %s", async (question, id) => {
    const ask = await answersOf(abstracts);
    expect((await ask(question)).sources[0]?.id).toBe(id);
  });

  it("say why, if they are articles about food", async () => {
    const titles = [
      "Milk intake and the risk of fractures in women",
      "Why fried fish may raise the risk of heart failure",
      "Butter, cheese and blood pressure in a large trial",
    ];
    const ask = await answersOf(titles.map((name, place) => ({ id: `${place}`, name, text: `${name}.` })));
    expect((await ask("Why may fried fish raise the risk of heart failure?")).sources[0]?.id).toBe("1");
  });
});
