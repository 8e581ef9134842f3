import { describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { toDocument } from "../../src/foods/food.ts";
import { parseFilter } from "../../src/store/filter.ts";
import { adviseOnScope } from "../../src/store/scope-advice.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { sampleFoods } from "../helpers/foods.ts";

/** A store, and the commands that it was sent. */
async function foodStore(foods = sampleFoods): Promise<{ store: UpstashStore; sent: string[] }> {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  onTestFinished(() => index.close());
  const requester = new EmbeddedRequester(index);
  const sent: string[] = [];
  const store = new UpstashStore({
    name: "embedded",
    requester: {
      request: (request, options) => {
        sent.push(request.path?.[0] ?? "");
        return requester.request(request, options);
      },
    },
  });
  await store.upsert(foods.map((food) => toDocument(food)));
  await store.upsert([{ id: "1", text: "a bean", metadata: {} }], { namespace: "beans" });
  sent.length = 0;
  return { store, sent };
}

describe("advice on a scope that holds nothing", () => {
  const cases: [filter: string, advice: string[]][] = [
    ["region = 'Inda'", ["No food has region 'Inda'. Did you mean India?"]],
    ["region = 'spain' OR region = 'Frnace'", ["spain", "Frnace"]],
    ["region = 'Mars'", ["No food has region 'Mars'. There are India, Vietnam, Spain, France."]],
    ["type IN ('Suop', 'Chese')", ["No food has type 'Suop' or 'Chese'. Did you mean Soup or Cheese?"]],
    ["diet CONTAINS 'vegann'", ["No food has diet 'vegann'. Did you mean vegan?"]],
    ["diet = 'vegan'", ["The field 'diet' holds lists: ask for diet CONTAINS 'vegan'."]],
    ["type CONTAINS 'Soup'", ["The field 'type' does not hold lists: ask for type = 'Soup'."]],
    ["regoin = 'India'", ["No food has a field 'regoin'. Did you mean region?"]],
    ["HAS FIELD calories", ["No food has a field 'calories'. There are region, type, diet, energy."]],
    ["energy = '52'", ["The field 'energy' holds no text: write numbers, true and false without quotes."]],
    ["energy > 5000", ["No food fulfils energy > 5000."]],
    ["region = 5", ["No food fulfils region = 5."]],
    ["region GLOB 'X*'", ["No food fulfils region GLOB 'X*'."]],
    [
      "region = 'India' AND type = 'Cheese'",
      ["No food meets all conditions: region = 'India' AND type = 'Cheese'."],
    ],
    ["region = 'Inda' AND type = 'Chese'", ["India?", "Cheese?"]],
    ["region = 'India'", []],
    ["region = 'India' OR region = 'Inda'", []],
    ["HAS NOT FIELD regoin", []],
  ];

  it.each(cases)("an empty scope gets advice: %s", async (filter, expected) => {
    const { store } = await foodStore();
    const advice = await adviseOnScope(store, { namespace: "", filter: parseFilter(filter) });
    expect(advice).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  it("names the existing namespaces, or the most similar one", async () => {
    const { store } = await foodStore();
    expect(await adviseOnScope(store, { namespace: "baens" })).toEqual([
      "There is no namespace 'baens'. Did you mean beans?",
    ]);
    expect(await adviseOnScope(store, { namespace: "vegetables" })).toEqual([
      "There is no namespace 'vegetables'. The only one is beans.",
    ]);
    expect(await adviseOnScope(store, { namespace: "beans" })).toEqual([]);
    await store.reset({ namespace: "beans" });
    expect(await adviseOnScope(store, { namespace: "beans" })).toEqual([
      'There are no records in the namespace "beans". Fill it with: ragfood ingest --namespace beans',
    ]);
  });

  it("asks only whether there are records if the scope is everything", async () => {
    const { store, sent } = await foodStore();
    expect(await adviseOnScope(store, { namespace: "" })).toEqual([]);
    expect(sent).toEqual(["info"]);
    await store.reset({ namespace: "" });
    expect(await adviseOnScope(store, { namespace: "" })).toEqual([
      "There are no records in the default namespace. Fill it with: ragfood ingest",
    ]);
  });

  it("suggests no value that stands for a missing one", async () => {
    const { store } = await foodStore([{ id: "1", text: "loaf", region: "unknown" }]);
    const scope = { namespace: "", filter: parseFilter("region = 'Mars'"), placeholders: ["unknown"] };
    expect(await adviseOnScope(store, scope)).toEqual(["No food has region 'Mars'."]);
  });

  it("looks at no more than 3,000 records of a large index, and says so", async () => {
    const foods = Array.from({ length: 3_500 }, (_, n) => ({
      id: `${n}`,
      text: "food",
      region: n < 3_200 ? "Peru" : "Chad",
    }));
    const { store, sent } = await foodStore(foods);
    const filter = parseFilter("region = 'Chad'");
    expect(await adviseOnScope(store, { namespace: "", filter })).toEqual([
      "None of the first 3,000 foods has region 'Chad'. The only one is Peru.",
    ]);
    // The first page is small, because the size of the records is unknown.
    expect(sent.filter((command) => command === "range").length).toBeLessThanOrEqual(5);
  });
});
