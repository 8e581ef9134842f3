import { describe, expect, it } from "vitest";
import { FacetBuilder } from "../../src/rag/catalog/facets.ts";

function facetsOf(...records: Record<string, unknown>[]) {
  const builder = new FacetBuilder();
  for (const record of records) builder.add(record);
  return builder.build();
}

describe("facets of the metadata", () => {
  it("counts the values of a field, most frequent first", () => {
    const facets = facetsOf({ region: "Peru" }, { region: "Japan" }, { region: "Japan" }, {});
    expect(facets).toEqual([
      {
        field: "region",
        recordCount: 3,
        isList: false,
        values: [
          ["Japan", 2],
          ["Peru", 1],
        ],
        isComplete: true,
      },
    ]);
  });

  it("counts each record once for a value that its list names twice", () => {
    const [diet] = facetsOf({ diet: ["vegan", "vegan", "raw"] }, { diet: ["vegan"] });
    expect(diet).toMatchObject({
      isList: true,
      values: [
        ["vegan", 2],
        ["raw", 1],
      ],
    });
  });

  it("gives the range of numbers", () => {
    const [energy] = facetsOf({ energy: 120 }, { energy: -3.5 }, { energy: 60 });
    expect(energy?.range).toEqual({ minimum: -3.5, maximum: 120 });
  });

  it("names fields of objects as a filter does", () => {
    expect(facetsOf({ origin: { country: { code: "PE" } } }).map(({ field }) => field)).toEqual([
      "origin.country.code",
    ]);
  });

  it("says that prose and long lists of values are incomplete", () => {
    const many = Array.from({ length: 1_001 }, (_, place) => ({ code: place }));
    const [code] = facetsOf(...many);
    expect(code).toMatchObject({ isComplete: false, recordCount: 1_001 });
    expect(code?.values).toHaveLength(1_000);
    expect(facetsOf({ story: "long ".repeat(40) })).toMatchObject([{ isComplete: false, values: [] }]);
  });
});
