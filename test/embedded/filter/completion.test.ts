import { describe, expect, it } from "vitest";
import { completionAt } from "../../../src/embedded/filter/index.ts";

const values = ["STRING", "NUMBER", "BOOLEAN"];
const operators = ["COMPARISON", "NOT", "GLOB", "IN", "CONTAINS"];
const conditions = ["'('", "HAS", "IDENTIFIER"];

/** The cursor is at the bar. */
function at(text: string) {
  return completionAt(text.replace("|", ""), text.indexOf("|"));
}

describe("completion of a filter", () => {
  it.each([
    ["|", 0, conditions],
    ["reg|", 0, conditions],
    ["region |", 7, operators],
    ["region N|", 7, operators],
    ["region NOT |", 11, ["GLOB", "IN", "CONTAINS"]],
    ["region =|", 8, values],
    ["region = |", 9, values],
    ["region = 'Ind|", 9, values],
    ["region = 'India' |", 17, ["AND", "OR"]],
    ["region = 'India' A|", 17, ["AND", "OR"]],
    ["region = 'India' AND |", 21, conditions],
    ["(region = 'India' |", 18, ["')'", "AND", "OR"]],
    ["region IN |", 10, ["'('"]],
    ["region IN (|", 11, values],
    ["region IN ('India' |", 19, ["')'", "','"]],
    ["region IN ('India', 'Pe|", 20, values],
    ["allergens CONTAINS |", 19, values],
    ["type GLOB |", 10, ["STRING"]],
    ["HAS |", 4, ["NOT", "FIELD"]],
    ["HAS FIELD |", 10, ["IDENTIFIER"]],
    ["HAS NOT FIELD reg|", 14, ["IDENTIFIER"]],
  ])("offers in %s from %i: %j", (text, start, kinds) => {
    expect(at(text)).toMatchObject({ start, kinds });
  });

  it("offers nothing after a fault", () => {
    expect(at("region = = 'India' AND |").kinds).toEqual([]);
    expect(at("a = 1 ) AND |").kinds).toEqual([]);
  });

  it("offers what replaces a wrong character at the cursor", () => {
    expect(at("region IN ['a|")).toMatchObject({ start: 10, kinds: ["'('"] });
    expect(at("region !|")).toMatchObject({ start: 7, kinds: operators });
  });

  it("names the field whose values are asked for", () => {
    expect(at("region = 'India' AND type IN ('Curry', |").field).toBe("type");
    expect(at("origin.country.code != |").field).toBe("origin.country.code");
    expect(at("|").field).toBeUndefined();
  });

  it("reads only what is before the cursor", () => {
    expect(at("reg| = 'India'")).toMatchObject({ start: 0, kinds: conditions });
    expect(at("region = 'In|dia' AND )")).toMatchObject({ start: 9, kinds: values });
  });
});
