import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/foundation/errors.ts";
import type { AskOptions } from "../../src/rag/engine.ts";
import { foodEngine } from "../helpers/food-engine.ts";

describe("a request of a program without types", () => {
  it.each([
    [5, {}, "question takes a text; it is 5."],
    ["soup", { topK: 0 }, "topK takes a whole number from 1 to 1000; it is 0."],
    ["soup", { topK: 1.5 }, "topK takes a whole number from 1 to 1000; it is 1.5."],
    ["soup", { topK: 2_000 }, "topK takes a whole number from 1 to 1000; it is 2000."],
    ["soup", { namespace: 5 }, "namespace takes a text; it is 5."],
    [
      "soup",
      { history: [{ q: "a" }] },
      "history takes a list of { question, answer }, both texts; it is another list.",
    ],
  ])("is refused with the argument and what it takes: %j, %j", async (question, options, message) => {
    const { engine } = await foodEngine({});
    const given = options as AskOptions;
    await expect(engine.ask(question as string, given)).rejects.toThrow(UsageError);
    await expect(engine.retrieve(question as string, given)).rejects.toThrow(message);
  });

  it("may give undefined for what it leaves out", async () => {
    const { engine } = await foodEngine({});
    const nothing = { filter: undefined, topK: undefined, namespace: undefined, history: undefined };
    const { sources } = await engine.ask("Which curry is fiery?", { ...nothing, literal: undefined });
    expect(sources).not.toEqual([]);
  });
});
