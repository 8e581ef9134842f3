import { describe, expect, it } from "vitest";
import type { AskOptions } from "../../src/rag/engine.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { lighthouses } from "../helpers/lighthouses.ts";

async function ask(question: string, options: AskOptions = {}) {
  const { engine } = await foodEngine({ topK: 30 }, lighthouses);
  return await engine.ask(question, options);
}

describe("what a question leaves out of records that are no foods (QRY-4)", () => {
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
  ])("%s", async (question, ids) => {
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
