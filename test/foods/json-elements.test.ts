import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ElementScanner } from "../../src/foods/json-elements.ts";
import { DataError } from "../../src/foundation/errors.ts";

function scan(text: string, cuts: readonly number[] = []): { value: unknown; line: number }[] {
  const scanner = new ElementScanner("foods.json");
  const places = [
    0,
    ...cuts.map((cut) => cut % (text.length + 1)).sort((left, right) => left - right),
    text.length,
  ];
  const elements = places.slice(1).flatMap((end, place) => [...scanner.push(text.slice(places[place], end))]);
  return [...elements, ...scanner.end()].map(({ text: element, line }) => ({
    value: JSON.parse(element),
    line,
  }));
}

const cuts = fc.array(fc.nat(10_000), { maxLength: 8 });

describe("ElementScanner", () => {
  it("reads the elements of any JSON list in any layout and any chunks", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, 4), cuts, (list, indent, places) => {
        const text = JSON.stringify(list, null, indent);
        expect(scan(text, places).map(({ value }) => value)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("gives the values of JSON Lines, with the line that each starts on", () => {
    const value = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer(),
      fc.boolean(),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        cuts,
        (values, newline, ends, places) => {
          const text = values.map((line) => JSON.stringify(line)).join(newline) + (ends ? newline : "");
          const found = scan(text, places);
          expect(found.map((element) => element.value)).toEqual(
            values.map((line) => JSON.parse(JSON.stringify(line))),
          );
          expect(found.map(({ line }) => line)).toEqual(values.map((_, place) => place + 1));
        },
      ),
    );
  });

  it.each([
    ["", 1, "the file is empty"],
    ["  \n ", 1, "the file is empty"],
    ["[", 1, 'the list is not closed by "]"'],
    ['[{"a":1}', 1, 'the list is not closed by "]"'],
    ['[{"a":1},\n{"b":', 2, "the file ends inside the record that starts on line 2"],
    ['[{"a":1}\n{"b":2}]', 2, '"{" in place of "," or "]"'],
    ['[{"a":1},]', 1, 'a record is missing before "]"'],
    ["[,1]", 1, 'a record is missing before ","'],
    ["[1]\n\n[2]", 3, '"[" after the end of the list'],
  ])("names the line of the fault in %j", (text, line, problem) => {
    expect(() => scan(text)).toThrow(`: ${problem}`);
    expect(() => scan(text)).toThrow(`not valid JSON: line ${line}`);
    expect(() => scan(text)).toThrow(DataError);
  });

  it("does not hold a record that never ends", () => {
    const scanner = new ElementScanner("foods.json");
    const piece = "x".repeat(4 * 1024 * 1024);
    expect(() => {
      for (const chunk of ['[{"text":"', piece, piece, piece, piece, piece])
        for (const _ of scanner.push(chunk));
    }).toThrow(/longer than/);
  });
});
