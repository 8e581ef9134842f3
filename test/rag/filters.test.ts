import { describe, expect, it } from "vitest";
import { FilterSyntaxError, UsageError } from "../../src/foundation/errors.ts";
import { parseFilter } from "../../src/store/filter.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { lighthouses } from "../helpers/lighthouses.ts";

const highest = "height > 100 AND active = true";

describe("a caller's filter", () => {
  it("may be text in the filter language or an expression", async () => {
    const { engine } = await foodEngine({}, lighthouses);
    for (const filter of [highest, parseFilter(highest)]) {
      const { sources } = await engine.ask("a lighthouse of concrete", { filter });
      expect(sources.map(({ id }) => id)).toEqual(["jeddah-light"]);
      expect((await engine.retrieve("concrete", { filter })).map(({ id }) => id)).toEqual(["jeddah-light"]);
    }
    expect((await engine.ask("granite", { filter: " " })).sources.length).toBeGreaterThan(0);
  });

  it("is refused by name if it is neither", async () => {
    const { engine, store } = await foodEngine({}, lighthouses);
    for (const filter of [42, ["height > 60"], {}, { height: 60 }] as never[]) {
      await expect(engine.ask("concrete", { filter })).rejects.toThrow(UsageError);
      await expect(store.query({ text: "concrete", topK: 1, filter })).rejects.toThrow(UsageError);
    }
    await expect(engine.ask("concrete", { filter: "height >> 60" })).rejects.toThrow(FilterSyntaxError);
    const text: never = highest as never;
    await expect(store.query({ text: "concrete", topK: 1, filter: text })).rejects.toThrow(
      "The filter is of type string: it has to be an expression.",
    );
  });
});
