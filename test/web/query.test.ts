import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFilter } from "../../src/embedded/filter/index.ts";
import { fieldsOf, quoted, respelled } from "../../web/data/query/conditions.ts";
import { faultOf, repaired } from "../../web/data/query/filter-fault.ts";
import { suggest } from "../../web/data/query/suggestions.ts";
import { readVector } from "../../web/data/query/vector-input.ts";
import { emptyView, formatView, parseView, type View } from "../../web/data/query/view.ts";
import { FieldCatalog, suggestColumns } from "../../web/data/records/field-catalog.ts";
import { visibleText } from "../../web/data/visible-text.ts";

describe("the address of the page", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const view: fc.Arbitrary<View> = fc.record({
    tab: fc.constantFrom("records", "emulator"),
    index: fc.option(text, { nil: undefined }),
    namespace: text,
    mode: fc.constantFrom("text", "vector", "id", "similar"),
    query: text,
    filter: text,
    topK: fc.integer({ min: 1, max: 1_000 }),
    include: fc.record({ metadata: fc.boolean(), text: fc.boolean(), vectors: fc.boolean() }),
    columns: fc.option(fc.uniqueArray(text.filter((column) => column !== "")), { nil: undefined }),
    sort: fc.option(
      fc.record({
        column: text.filter((column) => /^[^-]/u.test(column)),
        isDescending: fc.boolean(),
      }),
      { nil: undefined },
    ),
    record: fc.option(text, { nil: undefined }),
    row: fc.nat(),
  });

  it("restores every view", () => {
    fc.assert(
      fc.property(view, (each) => {
        expect(parseView(formatView(each))).toEqual(each);
      }),
    );
  });

  it("is empty at the beginning, and foreign parts of it are ignored", () => {
    expect(formatView(emptyView)).toBe("");
    expect(parseView("?tab=x&top=-1&row=a&include=&columns")).toMatchObject({
      tab: "records",
      topK: 50,
      row: 0,
      include: { metadata: false, text: false, vectors: false },
      columns: [],
    });
  });
});

describe("an id with characters that cannot be seen", () => {
  it.each([
    ["\u202Ertl", "\\u202ertl"],
    ["zero\u200Bwidth\u0000", "zero\\u200bwidth\\u0000"],
    ["crème 👩‍🍳 ‎", "crème 👩‍🍳 \\u200e"],
  ])("%j is shown with escapes", (id, shown) => {
    expect(visibleText(id)).toBe(shown);
  });
});

function catalogOf(...metadata: unknown[]): FieldCatalog {
  const catalog = new FieldCatalog();
  catalog.learn(metadata.map((each, place) => ({ id: `r${place}`, metadata: each })));
  return catalog;
}

const foods = catalogOf(
  { region: "India", energy: 100, vegan: true, allergens: ["nuts", "milk"], origin: { code: "IN" } },
  { region: "India", energy: 250, vegan: false, allergens: [], origin: { code: "IN" }, "not a path!": 1 },
  { region: "City's", energy: 9007199254740993n, vegan: false },
);

/** The cursor is at the bar. */
function at(text: string): string[] {
  return suggest(text.replace("|", ""), text.indexOf("|"), foods).list.map((each) => each.text);
}

describe("suggestions for a filter", () => {
  it.each([
    ["|", ["(", "HAS", "region", "energy", "vegan", "allergens", "origin.code"]],
    ["REG|", ["region"]],
    ["region |", ["=", "!=", "<", "<=", ">", ">=", "NOT", "GLOB", "IN", "CONTAINS"]],
    ["region = |", ["'India'", '"City\'s"']],
    ["region = Ind|", ["'India'"]],
    ["region = 'In|", ["'India'"]],
    ["energy > |", ["100", "250", "9007199254740993"]],
    ["vegan = |", ["false", "true"]],
    ["allergens CONTAINS |", ["'nuts'", "'milk'"]],
    ["allergens |", ["NOT", "GLOB", "IN", "CONTAINS"]],
    ["vegan = true |", ["AND", "OR"]],
    ["vegan = true AND |", ["(", "HAS", "region", "energy", "vegan", "allergens", "origin.code"]],
    ["vegan == |", []],
  ])("are in %s: %j", (text, expected) => {
    expect(at(text)).toEqual(expected);
  });
});

describe("a filter that is nearly right", () => {
  it.each([
    ["region = 'india'", "region = 'India'"],
    ["region IN ('INDIA', 'Peru')", "region IN ('India', 'Peru')"],
    ["allergens CONTAINS 'Nuts' AND vegan = true", "allergens CONTAINS 'nuts' AND vegan = true"],
    ["region = 'India'", undefined],
    ["regoin = 'india' OR HAS FIELD energi", "region = 'India' OR HAS FIELD energy"],
    ["region = 'Peru'", undefined],
    ["region GLOB 'india'", undefined],
    ["region =", undefined],
  ])("is spelled as the records are: %s", (filter, expected) => {
    expect(respelled(filter, foods)).toBe(expected);
  });

  it.each([
    ["region = india", "region = 'India'"],
    ["region = South Africa AND vegan = true", "region = 'South Africa' AND vegan = true"],
    ["(region = India)", "(region = 'India')"],
    ["region IN (india, 'Peru')", "region IN ('India', 'Peru')"],
    ["region == 'India'", undefined],
    ["AND region = 'India'", undefined],
  ])("gets quotes where a text is expected: %s", (filter, expected) => {
    expect(quoted(filter, offsetOf(filter), foods)).toBe(expected);
  });

  it("names its fields once, and none if it cannot be read", () => {
    expect(fieldsOf("region = 'India' AND (energy > 1 OR region = 'Peru')")).toEqual(["region", "energy"]);
    expect(fieldsOf("region =")).toEqual([]);
  });
});

function offsetOf(filter: string): number {
  try {
    parseFilter(filter);
    return -1;
  } catch (error) {
    return (error as { offset: number }).offset;
  }
}

describe("a fault of a filter", () => {
  it.each([
    ["region = Japan", "Column 10: expected a value, not Japan."],
    ["a = 1 AND AND b = 2", "Column 11: expected a field, not AND."],
    ["a LIKE 'x'", "Column 3: expected an operator such as = or IN, not LIKE."],
    ["a = 1 b = 2", "Column 7: expected the end, AND or OR, not b."],
    ["a = 'x", "Column 5: the text has no closing quote."],
    ["a : 1", "Column 3: filters have no sign :."],
    ["(a = 1", "The filter ends too early: ), AND or OR is missing."],
    ["a =", "The filter ends too early: a value is missing."],
  ])("is reported at its column: %s", (filter, message) => {
    expect(faultOf(filter)).toMatchObject({ message });
  });

  it.each([
    ["a = 1 AND type == 'Curry'", "a = 1 AND type = 'Curry'"],
    ["a = 1 && b = 2", "a = 1 AND b = 2"],
    ["a = 1 || b = 2", "a = 1 OR b = 2"],
    ["a <> 3", "a != 3"],
    ["region = Japan", "region = 'Japan'"],
    ["a LIKE 'x'", undefined],
    // The signs before the fault are part of a text.
    ["a = '==' b", undefined],
  ])("is repaired if it is a common one: %s", (filter, fixed) => {
    const fault = faultOf(filter);
    expect(fault && repaired(filter, fault, new FieldCatalog())).toBe(fixed);
  });

  it("is repaired with all others in one step, slips in fields and values included", () => {
    const filter = "region == india && regio = 'india' || vegn = true";
    const fault = faultOf(filter);
    expect(fault && repaired(filter, fault, foods)).toBe(
      "region = 'India' AND region = 'India' OR vegan = true",
    );
  });
});

describe("columns that nobody has chosen", () => {
  it("are short fields that most records have, in their order", () => {
    const catalog = catalogOf(
      { summary: "long ".repeat(40), name: "a", region: "b", rare: 1 },
      { summary: "long ".repeat(40), name: "c", region: "d" },
      { summary: "long ".repeat(40), name: "c", region: "d" },
    );
    expect(suggestColumns(catalog.fields(), catalog.records)).toEqual(["name", "region"]);
  });

  it("suggests columns that tell records apart before lists, flags and values that are always the same", () => {
    const food = (name: string, region: string) => ({
      tags: [region],
      vegan: true,
      planet: "Earth",
      region,
      name,
    });
    const catalog = catalogOf(food("Idli", "India"), food("Pho", "Vietnam"));
    expect(suggestColumns(catalog.fields(), catalog.records)).toEqual(["name", "region", "vegan", "planet"]);
  });
});

describe("a vector that was pasted", () => {
  it.each([
    ["0.1, -2 3e-2", { vector: [0.1, -2, 0.03] }],
    ["[1,2]", { vector: [1, 2] }],
    ['{"vector":[1]}', { vector: [1] }],
    ['{"indices":[3],"values":[0.5]}', { sparseVector: { indices: [3], values: [0.5] } }],
    [
      '{"vector":[1],"sparseVector":{"indices":[3],"values":[0.5]}}',
      { vector: [1], sparseVector: { indices: [3], values: [0.5] } },
    ],
  ])("may be %s", (text, expected) => {
    expect(readVector(text)).toEqual(expected);
  });

  it.each([
    ["", "Expected numbers"],
    ["1, two", '"two" is not a number'],
    ["{", "Expected numbers"],
    ["{}", "Expected numbers"],
    ['{"vector":["1"]}', "Expected numbers"],
    ['{"indices":[1,2],"values":[1]}', "as many values as indices"],
    ["Infinity", "is not a number"],
  ])("cannot be %s", (text, reason) => {
    expect(() => readVector(text)).toThrow(reason);
  });
});
