import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const texts = [
  "The invoice was charged twice. Merge both accounts.",
  "Why the password does not arrive. Clear the cache and sign in again.",
  "The export times out. Split it by month.",
  "The calendar shows another zone after each update. Set your own in the profile.",
];
const articles: Food[] = Array.from({ length: 240 }, (_, place) => ({
  id: `KB-${place}`,
  text: texts[place % texts.length] ?? "",
  plan: place % 3 === 0 ? "free" : "team",
  public: place % 5 !== 0,
}));

async function ask(question: string) {
  const { engine } = await foodEngine({}, articles);
  return await engine.ask(question);
}

describe("records about something else than food", () => {
  it("answers with the remedy, not with the sentence that was asked", async () => {
    const { text } = await ask("my invoice was charged twice");
    expect(text).toMatch(/^Merge both accounts\./);
    expect(text).not.toContain("plan");
  });

  it("adds the remedy to a sentence that says a little more", async () => {
    const { text } = await ask("The calendar has an odd zone, what can I do?");
    expect(text).toMatch(
      /^The calendar shows another zone after each update\. \[1\] Set your own in the profile\. \[1\]/,
    );
  });

  it("says nothing of a region or a type that no record has", async () => {
    const { text, sources } = await ask("my invoice was charged twice");
    expect(text).not.toMatch(/unknown|general/);
    expect(Object.keys(sources[0]?.metadata ?? {})).toEqual(["plan", "public"]);
  });

  it.each([
    ["articles that are not public", "(without: public)", false],
    ["articles that are public", "(only: public)", true],
  ])("checks a field that is true or false: %s", async (question, described, isPublic) => {
    const { text, sources } = await ask(question);
    expect(text).toMatch(/^At least \d+ records found/);
    expect(text).toContain(described);
    expect(sources.map(({ metadata }) => metadata.public)).toEqual([isPublic, isPublic, isPublic]);
  });
});
