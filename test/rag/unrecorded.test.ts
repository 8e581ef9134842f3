import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const plain = { region: "Italy", type: "Cheese", allergens: ["milk"], diet: ["gluten-free"] };
const cheeses: Food[] = [
  {
    ...plain,
    id: "pecorino",
    name: "Pecorino",
    text: "Pecorino is a salty cheese of sheep's milk.",
    ingredients: ["milk"],
    energy: 390,
  },
  { ...plain, id: "ricotta", name: "Ricotta", text: "Ricotta is mild.", ingredients: ["whey"], energy: 174 },
  { ...plain, id: "robiola", name: "Robiola", text: "Robiola is soft.", ingredients: ["milk"] },
];

async function answerTo(question: string, foods: readonly Food[] = cheeses) {
  const { engine } = await foodEngine({}, foods);
  const { text, sources, understood, notices } = await engine.ask(question);
  return { text, ids: sources.map(({ id }) => id), understood, notices };
}

describe("a question for the most or the least of something", () => {
  it("says that no record has a figure for it", async () => {
    const { text, ids, understood } = await answerTo("Which cheese is the saltiest?");
    expect(text).toMatch(
      /^No record has a figure for how salty it is, so this is no ranking\.\n3 foods found \(only: Cheese\)\. The closest /,
    );
    expect(ids[0]).toBe("pecorino");
    expect(understood).toEqual(["only: Cheese"]);
    expect((await answerTo("Which is the healthiest food?")).text).toBe(
      "No record has a figure for how healthy it is, so none can be named.",
    );
  });

  it("is answered by a field of the data, by whatever words", async () => {
    const priced = cheeses.map((food, place) => ({
      ...food,
      price_eur: [20, 5, 12][place],
      protein_g: place,
    }));
    expect((await answerTo("Which cheese is the cheapest?", priced)).text).toMatch(
      /^Ricotta has the least price .*: 5\. \[1\]\nNext: Robiola 12, Pecorino 20\./,
    );
    expect((await answerTo("cheese highest in protein", priced)).understood).toEqual(["only: Cheese"]);
    expect((await answerTo("cheese highest in protein", priced)).text).toContain(
      "Robiola has the most protein",
    );
  });

  it("lists as many as it asks for", async () => {
    expect((await answerTo("2 cheeses")).ids).toHaveLength(2);
    expect((await answerTo("Top 2 cheeses with the most calories")).ids).toEqual(["pecorino", "ricotta"]);
  });
});

describe("a limit of energy", () => {
  it.each([
    ["cheese under 200 kcal", ["ricotta"]],
    ["Which cheeses have more than 200 calories?", ["pecorino"]],
    ["cheese with between 100 and 400 kcal", ["pecorino", "ricotta"]],
  ])("the foods of a question with a limit of energy meet it: %s", async (question, expected) => {
    const { ids, text } = await answerTo(question);
    expect(ids.toSorted()).toEqual(expected);
    expect(text).toContain("kcal per 100 g)");
  });
});

describe("a detail that no record has", () => {
  it.each([
    ["What wine goes with ricotta?", "The record of Ricotta does not say which drinks go with it."],
    ["How much does ricotta cost?", "The record of Ricotta does not say what it costs."],
    ["How much protein does ricotta have?", "The record of Ricotta does not say how much of any nutrient"],
    ["How do you pronounce ricotta?", "The record of Ricotta does not mention “pronounce”."],
  ])("is named: %s", async (question, expected) =>
    expect((await answerTo(question)).text).toContain(expected),
  );

  it("is not taken for safety: an allergy in words that no record has", async () => {
    expect((await answerTo("Is ricotta fine with a latex allergy?")).text).not.toContain("does not mention");
  });
});

describe("a question about the data", () => {
  it("is answered with the number first", async () => {
    const { text } = await answerTo("How many foods are in your data?");
    expect(text).toMatch(/^The data holds 3 records about foods/);
    expect((await answerTo("How many countries do you know?")).text).toContain("1 values of region");
  });
});

describe("a question in another language", () => {
  it("says so, and recommends nothing that was not checked", async () => {
    const { text, ids } = await answerTo("Welcher Käse aus Italien ist ohne Milch?");
    expect(text).toMatch(/looks like German.*no food is recommended/);
    expect(ids).toEqual([]);
  });

  it("is answered from the record of a food that it names", async () => {
    const { text, notices } = await answerTo("Was ist Ricotta und wie viele Kalorien?");
    expect(text).toContain("Ricotta");
    expect(text).not.toContain("does not mention");
    expect(notices[0]).toContain("looks like German");
  });

  it.each(["pasta alla norma", "coq au vin", "crème brûlée", "What is pan de muerto?"])(
    "is not one that only has a foreign name: %s",
    async (question) => expect((await answerTo(question)).notices.join()).not.toContain("English"),
  );
});

describe("a denial", () => {
  it("of a taste leaves out what has it, and of a season the season", async () => {
    const dishes = [
      { id: "1", name: "Vindaloo", text: "Vindaloo is very spicy.", type: "Curry", ingredients: ["pork"] },
      { id: "2", name: "Korma", text: "Korma is mild.", type: "Curry", ingredients: ["cream"] },
    ];
    expect((await answerTo("a curry that is not too spicy", dishes)).ids).toEqual(["2"]);
    const seasonal = [
      { id: "1", name: "Fig", text: "A fig is sweet.", type: "Fruit", season: ["summer"] },
      { id: "2", name: "Mandarin", text: "A mandarin is sour.", type: "Fruit", season: ["winter"] },
    ];
    expect((await answerTo("fruits not in season in summer", seasonal)).ids).toEqual(["2"]);
  });
});

describe("a name that no record has", () => {
  it("is said beside the foods it is compared with", async () => {
    expect((await answerTo("Which has more calories, butter or pecorino?")).text).toMatch(
      /Pecorino has 390 kcal[\s\S]*No record is about butter\./,
    );
  });

  it("is not an ingredient that the question asks about", async () => {
    expect((await answerTo("Does pecorino contain milk or eggs?")).text).not.toContain("No record is about");
  });

  it("is said before others of its kind", async () => {
    expect((await answerTo("Zorbian cheese")).text).toMatch(/^No record mentions “Zorbian”\. Others:\n/);
  });

  it("is not taken for a food that is spelled nearly so", async () => {
    const pear = [{ id: "pear", name: "Pear", text: "A pear is a sweet fruit for dessert.", type: "Fruit" }];
    expect((await answerTo("How can I lose my fear of flying?", pear)).ids).toEqual([]);
    expect((await answerTo("paer", pear)).ids).toEqual(["pear"]);
  });
});

describe("what records list in other terms", () => {
  it("is said of lactose: records list milk", async () => {
    for (const question of ["Does pecorino contain lactose?", "Which cheeses do not contain lactose?"])
      expect((await answerTo(question)).text).toContain("Records list milk, not lactose");
  });

  it("is said of a fruit that is eaten as a dessert", async () => {
    const fruit = { id: "fig", name: "Fig", text: "A fig is sweet.", type: "Fruit", meal: ["dessert"] };
    const cake = { id: "cake", name: "Cake", text: "A cake is sweet.", type: "Dessert" };
    const { text } = await answerTo("sweet desserts", [fruit, cake]);
    expect(text).toContain("- Fig (Fruit, eaten as dessert)");
    expect(text).toContain("- Cake (Dessert)");
  });
});

describe("a food without a record", () => {
  const foods = [
    {
      id: "naan",
      name: "Naan",
      text: "Naan is a flatbread.",
      type: "Flatbread",
      ingredients: ["wheat flour", "pork"],
      allergens: ["gluten"],
      diet: ["vegetarian"],
    },
    {
      id: "injera",
      name: "Injera",
      text: "Injera is a flatbread.",
      type: "Flatbread",
      allergens: [],
      diet: ["gluten-free"],
    },
  ];

  it.each([
    ["Are naan and pita gluten free?", "pita"],
    ["Are pita and naan gluten free?", "pita"],
    ["Which of naan, pita, injera are gluten free?", "pita"],
    ["Which of pita, roti and naan contain gluten?", "pita or roti"],
  ])("is named beside others: %s", async (question, name) => {
    const { engine } = await foodEngine({}, foods);
    expect((await engine.ask(question)).text).toContain(`No record is about ${name}.`);
  });

  it.each([
    "Does naan contain milk or pork?",
    "I have a son, is naan gluten free?",
    "Is naan vegan, and is it good?",
  ])("is not seen in %s", async (question) => {
    const { engine } = await foodEngine({}, foods);
    expect((await engine.ask(question)).text).not.toContain("No record is about");
  });

  it("is named alone", async () => {
    const { engine } = await foodEngine({}, foods);
    for (const question of ["Is there pork in mortadella?", "Does mortadella contain gluten?"])
      expect((await engine.ask(question)).text).toContain("No record is about mortadella.");
  });

  it("is asked about for the illness that a person names", async () => {
    const { engine } = await foodEngine({}, foods);
    expect((await engine.ask("I have kidney stones, is naan ok?")).text).toContain(
      "suitable for kidney stones",
    );
  });
});
