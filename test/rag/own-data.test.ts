import { describe, expect, it } from "vitest";
import type { AskOptions } from "../../src/rag/engine.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { lighthouses } from "../helpers/lighthouses.ts";

async function ask(question: string, options: AskOptions = {}) {
  const { engine } = await foodEngine({ topK: 30 }, lighthouses);
  return await engine.ask(question, options);
}

describe("what a question leaves out of records that are no foods (RAG-12)", () => {
  it.each([
    ["Lighthouses in Germany without steel", ["westerhever"]],
    ["Lighthouses without granite in Scotland", ["bell-rock", "muckle-flugga"]],
    ["lighthouses not made of brick in the United States", ["boston-light"]],
    ["Which lighthouses in Scotland are not built of granite?", ["bell-rock", "muckle-flugga"]],
    ["lighthouses in Germany except those of steel", ["westerhever"]],
    ["lighthouses in Ireland excluding granite", ["hook-head"]],
    ["lighthouses in Germany other than Roter Sand", ["pilsum", "westerhever"]],
    ["lighthouses in Scotland but not Bell Rock", ["muckle-flugga", "skerryvore"]],
    ["lighthouses without granite or stone in France", ["cordouan"]],
    ["non-steel lighthouses in Germany", ["westerhever"]],
    ["steel-free lighthouses in Germany", ["westerhever"]],
    ["Which lighthouses in Australia don't use concrete?", ["cape-otway"]],
    ["lighthouses with no cast iron in South Africa", ["green-point"]],
    ["lighthouses in Germany without steeel", ["westerhever"]],
    ["anything but steel in Germany", ["westerhever"]],
    ["Which lighthouses in Scotland are not about granite?", ["bell-rock", "muckle-flugga"]],
  ])("a question excludes records that are no foods: %s", async (question, ids) => {
    const { sources, text } = await ask(question);
    expect(sources.map(({ id }) => id).sort()).toEqual(ids);
    expect(text).not.toContain("food");
  });

  it.each([
    ["Which French lighthouses are not in service?", ["cordouan"]],
    ["Which German lighthouses are not active?", ["pilsum", "roter-sand"]],
  ])("is read from denials in texts and from fields that are true or false: %s", async (question, ids) => {
    expect((await ask(question)).sources.map(({ id }) => id).sort()).toEqual(ids);
  });

  it("holds for all records, if the question asks for nothing else", async () => {
    const { sources } = await ask("all except stone");
    expect(sources).toHaveLength(25);
    expect(sources.filter(({ metadata }) => metadata.material === "stone")).toEqual([]);
  });

  it("is named if no record is left", async () => {
    const { text, sources } = await ask("lighthouses of neither steel nor iron in Germany");
    expect(sources).toEqual([]);
    expect(text).toBe("No record meets this: only: from Germany; without: steel, iron.");
  });

  it("can be taken back", async () => {
    const { sources, notices } = await ask("Lighthouses in Germany without steel", {
      ignore: ["excluded:steel"],
    });
    expect(sources).toHaveLength(3);
    expect(notices).toEqual(["These records were not checked for what you took back: steel."]);
  });
});

describe("figures and fields of records that are no foods", () => {
  it.each([
    ["How tall is Bell Rock?", "Bell Rock: height 35. [1]"],
    ["How high is the Boston Light?", "Boston Light: height 27. [1]"],
    ["When was Fastnet lit?", "Fastnet: year 1904. [1]"],
    ["What is Bell Rock made of?", "Bell Rock: material sandstone. [1]"],
    [
      "Which is the oldest lighthouse?",
      "Tower of Hercules has the lowest year of the records with a figure: 100.",
    ],
    ["Which is the tallest lighthouse without concrete?", "Yokohama Marine Tower has the highest height"],
  ])("a question on fields of own data is answered: %s", async (question, start) => {
    expect((await ask(question)).text.startsWith(start)).toBe(true);
  });

  it.each([
    ["Which lighthouses are higher than 100 metres?", ["jeddah-light", "yokohama-marine-tower"]],
    ["Which lighthouses were lit before 1600?", ["genoa-lanterna", "hook-head", "k-pu", "tower-of-hercules"]],
    ["lighthouses in Scotland not higher than 20 metres", ["muckle-flugga"]],
    ["lighthouses in France older than 1900", ["ar-men", "cordouan"]],
  ])("limit the records: %s", async (question, ids) => {
    const { sources, notices } = await ask(question);
    expect(sources.map(({ id }) => id).sort()).toEqual(ids);
    expect(notices).toEqual([]);
  });

  it.each(["Compare Fastnet and Bell Rock", "Which is taller, Fastnet or Bell Rock?"])(
    "stand side by side: %s",
    async (question) => {
      const { text } = await ask(question);
      expect(text).toMatch(/^Bell Rock: .*height 35/m);
      expect(text).toMatch(/^Fastnet: .*height 54/m);
    },
  );

  it("are named if they could not be compared, and words that no record has, too", async () => {
    const heavy = await ask("lighthouses heavier than 20 tons");
    expect(heavy.text).toBe("No record has a figure that could be compared: heavier than 20.");
    expect((await ask("Which lighthouses are at least 100 years old?")).text).toContain("could be compared");
    expect((await ask("What is the height of Skerryvore?")).understood).toEqual([]);
    expect((await ask("lighthouses with more than 3 keepers")).plan.constraints).toEqual([]);
    expect((await ask("How many floors has Bell Rock?")).text).toContain("No record mentions “floors”.");
  });
});

it("places of own data are understood one by one, though no vocabulary names them (RAG-12)", async () => {
  const towers = ["Ithilien, Gondor", "Rohan"].map((region, place) => ({
    id: `tower-${place}`,
    text: "A white tower of stone.",
    region,
    type: "Tower",
  }));
  const { engine } = await foodEngine({}, towers);
  const { plan, sources } = await engine.ask("white towers from Gondor");
  expect(plan?.constraints.map(({ name }) => name)).toContain("Gondor");
  expect(sources.map(({ id }) => id)).toEqual(["tower-0"]);
});
