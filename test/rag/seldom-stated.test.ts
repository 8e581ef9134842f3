import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = JSON.parse(readFileSync(new URL("../../data/foods.json", import.meta.url), "utf8")) as (Food & {
  name: string;
})[];
const names = `Cucumber,Cabbage,Mango,Hummus,Bigos,Red Lentil,Doro Wat,Shiitake,Porcini,Mopane Worms,Dark Chocolate,Rewena Bread,Miso Soup,Tonkotsu Ramen,Kefir,Ayran,Brie,Feijoada,Wild Rice,Sesame Seed`;
const some = foods.filter(({ name }) => names.split(",").includes(name));

async function ask(question: string) {
  const { engine } = await foodEngine({}, some);
  return await engine.ask(question);
}

describe("a fact that few records state", () => {
  it.each([
    ["Can I pickle cabbage?", /^The record of Cabbage does not mention pickling\./],
    ["Can I dry mango?", /^The record of Mango does not mention drying\./],
    ["Can you can cabbage?", /^The record of Cabbage does not mention canning\./],
    ["Can I freeze hummus?", /^The record of Hummus does not mention freezing\./],
    ["How long do I boil an egg?", /^The closest records \(.*\) do not say how long that takes\./],
    ["Can I reheat mushrooms?", /^The closest records do not mention reheating\.\n2 foods/],
  ])("is named as missing: %s", async (question, start) => {
    expect((await ask(question)).text).toMatch(start);
  });

  it.each([
    ["Can I pickle cucumber?", "or pickle it in brine or vinegar"],
    ["Can I freeze bigos?", "Bigos: It freezes well. [1]"],
    ["How long do I boil red lentils?", "falls apart in about fifteen to twenty minutes"],
  ])("is quoted from the text: %s", async (question, quote) => {
    expect((await ask(question)).text).toContain(quote);
  });
});

describe("what only looks like a question about food, or like a number", () => {
  it.each(["Is my dog happy?", "Why is my child sad?", "Does my cat like music?"])(
    "%s is declined, and no word of it is taken for a food",
    async (question) => {
      expect((await ask(question)).text).toMatch(
        /^I found nothing relevant to that in the data\. The data holds/,
      );
    },
  );

  it.each(["do people eat bugs", "Which insects are eaten?"])("%s finds mopane worms", async (question) => {
    expect((await ask(question)).text).toMatch(/^Mopane worms/);
  });

  it("knows chocolate by its record", async () => {
    expect((await ask("can a dog eat chocolate")).text).toContain("toxic to dogs");
  });

  it.each(["Three Brands soup", "#1 soup in Japan"])("counts nothing in %s", async (question) => {
    expect((await ask(question)).plan.wanted).toBeUndefined();
  });
});

describe("how foods are treated, which no field says", () => {
  it("is read from the text", async () => {
    expect((await ask("What are the top 2 fermented drinks?")).sources.map(({ id }) => id)).toEqual([
      "kefir",
    ]);
  });

  it("is not given up", async () => {
    expect((await ask("Which cheeses are smoked?")).text).toBe(
      "No record meets this: only: Cheese, “smoked” in the text.",
    );
  });
});

describe("a question about what a field says of a food", () => {
  it("is answered from the field", async () => {
    expect((await ask("Is feijoada eaten in winter?")).text).toBe("Feijoada is available all year. [1]");
  });

  it("is declined between two foods without a record", async () => {
    expect((await ask("What is healthier, butter or margarine?")).sources).toEqual([]);
  });
});
