import { describe, expect, test } from "vitest";
import { compileField } from "../../../src/embedded/filter/index.ts";

const dish = {
  name: "Dal",
  origin: { country: { code: "IN" }, region: null },
  allergens: ["nuts", "milk", { trace: "soy" }],
  grid: [
    [1, 2],
    [3, 4],
  ],
  "industries#-1]": "odd key",
  "a-b": 1,
  nested: { "": { x: 1 } },
};

describe("section 5, id: what a path reads", () => {
  test.each([
    ["name", "Dal"],
    ["origin.country.code", "IN"],
    ["origin.region", null],
    ["allergens[0]", "nuts"],
    ["allergens[#-2]", "milk"],
    ["allergens[#-1].trace", "soy"],
    ["grid[1][0]", 3],
    ["grid[#-1][#-1]", 4],
    ["a-b", 1],
    ["industries#-1]", "odd key"],
    ["nested..x", 1],
  ])("%s", (path, value) => {
    expect(compileField(path)(dish)).toEqual(value);
  });

  test.each([
    "absent",
    "name.length",
    "name[0]",
    "origin.absent.code",
    "origin.region.name",
    "allergens.length",
    "allergens.0",
    "allergens[3]",
    "allergens[#-4]",
    "allergens[#-0]",
    "origin[0]",
    "allergens[0",
    "grid[0]x",
    "grid[99999999999999999999999]",
  ])("missing: %s", (path) => {
    expect(compileField(path)(dish)).toBeUndefined();
  });

  test("industries#-1] matches nothing in an array", () => {
    expect(compileField("industries#-1]")({ industries: ["Tourism"] })).toBeUndefined();
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "origin.__proto__.constructor"])(
    "%s is no field unless the record has it",
    (path) => {
      expect(compileField(path)(dish)).toBeUndefined();
    },
  );

  test("own keys with the names of prototype members are fields", () => {
    const metadata = JSON.parse('{"__proto__": {"length": 3}, "constructor": 2}') as unknown;
    expect(compileField("__proto__.length")(metadata)).toBe(3);
    expect(compileField("constructor")(metadata)).toBe(2);
  });

  test("a key inherited from a prototype is no field", () => {
    expect(compileField("name")(Object.create(dish))).toBeUndefined();
  });

  test.each([undefined, null, "text", 5, true, [], ["a"]])("metadata that is no object: %j", (metadata) => {
    expect(compileField("a")(metadata)).toBeUndefined();
    expect(compileField("length")(metadata)).toBeUndefined();
  });
});
