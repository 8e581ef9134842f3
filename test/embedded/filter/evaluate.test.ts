import { describe, expect, test } from "vitest";
import { compileCondition, compileFilter, parseFilter } from "../../../src/embedded/filter/index.ts";

function matches(filter: string, metadata: unknown): boolean {
  return compileFilter(parseFilter(filter))(metadata);
}

const istanbul = {
  city: "Istanbul",
  country: "Turkey",
  is_capital: false,
  population: 15460000,
  geography: { continent: "Asia", coordinates: { latitude: 41.0082, longitude: 28.9784 } },
  economy: { currency: "TRY", major_industries: ["Tourism", "Textiles", "Finance"] },
  lastCensus: null,
};

describe("section 5: the examples of filtering.mdx", () => {
  test.each([
    ["country = 'Turkey' AND population = 15460000 AND is_capital = false", true],
    ["country != 'Germany' AND population != 12500000 AND is_capital != true", true],
    ["population < 20000000 OR geography.coordinates.longitude < 30.0", true],
    ["population <= 20000000 OR geography.coordinates.longitude <= 30.0", true],
    ["population > 10000000 OR geography.coordinates.latitude > 39.5", true],
    ["population >= 10000000 OR geography.coordinates.latitude >= 39.5", true],
    ["city GLOB '?[sz]*[^m-z]'", true],
    ["city NOT GLOB 'A*'", true],
    ["country IN ('Germany', 'Turkey', 'France')", true],
    ["economy.currency NOT IN ('USD', 'EUR')", true],
    ["economy.major_industries CONTAINS 'Tourism'", true],
    ["economy.major_industries NOT CONTAINS 'Steel Production'", true],
    ["HAS FIELD geography.coordinates", true],
    ["HAS NOT FIELD geography.mountains", true],
    ["country = 'Turkey' AND (population > 10000000 OR is_capital = false)", true],
    ["country = 'Greece' AND population > 10000000 OR is_capital = false", true],
    ["country = 'Greece' AND (population > 10000000 OR is_capital = false)", false],
    ["economy.major_industries[0] = 'Tourism'", true],
    ["economy.major_industries[#-1] = 'Finance'", true],
    ["economy.major_industries[#-1] = 'Tourism'", false],
    ["industries#-1] = 'Tourism'", false],
  ])("%s", (filter, expected) => {
    expect(matches(filter, istanbul)).toBe(expected);
  });
});

describe("section 5: operators and the values they speak about", () => {
  test.each([
    ["x = 'a'", ["a"]],
    ["x != 'a'", ["b", "", "5"]],
    ["x = 5", [5]],
    ["x != 5", [0, 1, 6, -5, 5.5]],
    ["x = '5'", ["5"]],
    ["x = true", [true]],
    ["x != true", [false]],
    ["x = 1", [1, true]],
    ["x != 1", [0, 5, 6, -5, 5.5, false]],
    ["x = 0", [0, false]],
    ["x < 5", [0, 1, -5]],
    ["x <= 5", [0, 1, 5, -5]],
    ["x > 5", [6, 5.5]],
    ["x >= 5", [5, 6, 5.5]],
    ["x > -6", [0, 1, 5, 6, -5, 5.5]],
    ["x < 'z'", []],
    ["x > false", []],
    ["x GLOB '*'", ["a", "b", "", "5"]],
    ["x NOT GLOB 'a'", ["b", "", "5"]],
    ["x IN ('a', 5, true)", ["a", 5, true]],
    ["x IN (1, 0)", [0, 1, true, false]],
    ["x NOT IN ('a', '5')", ["b", ""]],
    ["x NOT IN (5, 6)", [0, 1, -5, 5.5]],
    ["x NOT IN (1, 6)", [0, 5, -5, 5.5]],
    ["x NOT IN (1, true)", [false]],
    ["x NOT IN ('a', 5)", []],
    ["x CONTAINS 'a'", [["a", "b"]]],
    ["x CONTAINS 1", [[1], [true]]],
    ["x CONTAINS true", [[true]]],
    ["x NOT CONTAINS 'a'", [[], [1], [true], [null], [["a"]]]],
    ["x NOT CONTAINS 1", [[], ["a", "b"], [null], [["a"]]]],
  ])("%s is true of %j alone", (filter, expected) => {
    const scalars = ["a", "b", "", "5", 0, 1, 5, 6, -5, 5.5, true, false, null, undefined];
    const values = [...scalars, {}, { a: 1 }, [], ["a", "b"], [1], [true], [null], [["a"]]];
    expect(values.filter((x) => matches(filter, { x }))).toEqual(expected);
  });

  test("NOT IN is the chain of != that filtering.mdx calls it", () => {
    const literals = ["'a'", "'5'", "5", "1", "0", "true", "false"];
    const values = ["a", "b", 5, 1, 0, 7, true, false, null, undefined, [], {}];
    for (const first of literals) {
      for (const second of literals) {
        for (const x of values) {
          const asList = matches(`x NOT IN (${first}, ${second})`, { x });
          expect(asList, `${first} ${second} ${x}`).toBe(matches(`x != ${first} AND x != ${second}`, { x }));
        }
      }
    }
  });
});

describe("section 5: a missing key makes every comparison false", () => {
  const conditions = [
    "x = 'a'",
    "x != 'a'",
    "x < 1",
    "x <= 1",
    "x > 1",
    "x >= 1",
    "x GLOB '*'",
    "x NOT GLOB 'a'",
    "x IN ('a')",
    "x NOT IN ('a')",
    "x CONTAINS 'a'",
    "x NOT CONTAINS 'a'",
    "HAS FIELD x",
  ];

  test.each(conditions)("%s", (condition) => {
    expect(matches(condition, { y: 1 })).toBe(false);
  });

  test.each(conditions.slice(0, -1))("and so does a JSON null: %s", (condition) => {
    expect(matches(condition, { x: null })).toBe(false);
  });

  test.each(conditions)("a record without metadata: %s", (condition) => {
    expect(matches(condition, undefined)).toBe(false);
    expect(matches(condition, null)).toBe(false);
    expect(matches("HAS NOT FIELD x", undefined)).toBe(true);
    expect(matches("HAS NOT FIELD x", null)).toBe(true);
  });

  test("NOR over records without location (mastra, live index)", () => {
    const filter = "location.continent != 'Asia' AND location.continent != 'Europe'";
    expect(matches(filter, { name: "City's Name" })).toBe(false);
    expect(matches(filter, { location: { continent: "North America" } })).toBe(true);
    expect(matches(filter, { location: { continent: "Asia" } })).toBe(false);
  });

  test("one false operand does not hide a true one", () => {
    expect(matches("x = 1 OR y = 1", { y: 1 })).toBe(true);
    expect(matches("x = 1 AND y = 1", { y: 1 })).toBe(false);
  });
});

describe("section 5: HAS FIELD", () => {
  test("is true for a JSON null", () => {
    expect(matches("HAS FIELD lastCensus", istanbul)).toBe(true);
    expect(matches("HAS NOT FIELD lastCensus", istanbul)).toBe(false);
  });

  test.each([0, "", false, [], {}])("is true for the value %j", (x) => {
    expect(matches("HAS FIELD x", { x })).toBe(true);
    expect(matches("HAS NOT FIELD x", { x })).toBe(false);
  });

  test("does not see prototype members", () => {
    expect(matches("HAS FIELD constructor", {})).toBe(false);
    expect(matches("HAS FIELD x.length", { x: [1] })).toBe(false);
  });
});

test("compileCondition judges a single value", () => {
  const holds = compileCondition({ kind: "in", field: "x", values: ["a", "b"], negated: true });
  expect([holds("c"), holds("a"), holds(undefined)]).toEqual([true, false, false]);
});
