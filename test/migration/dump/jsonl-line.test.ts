import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { decodeLine, encodeLine } from "../../../src/migration/dump/jsonl-line.ts";
import { record } from "./records.ts";

const path = "records-00001.jsonl.gz";
const decode = (line: string, exactNumbers = false) =>
  decodeLine(Buffer.from(line), 7, { path, includeVectors: true, exactNumbers });

const floats = Float32Array.of(1, -0, 3.5);
const base64 = Buffer.from(floats.buffer).toString("base64");

describe("a line of a dump (MIG-3)", () => {
  it("returns its record, and is JSON that any parser reads the same", () => {
    fc.assert(
      fc.property(record, (one) => {
        const { head, vector = "" } = encodeLine(one);
        const line = `${head}${vector}`;
        expect(decode(line)).toEqual(one);
        // In another order of keys, as other programs write.
        const { vector: written, ...rest } = parseJson(line) as Record<string, unknown>;
        const other = stringifyJson({ ...(written !== undefined && { vector: written }), ...rest });
        expect(decode(other)).toEqual(one);
        const { vector: _, sparseVector: __, ...plain } = one;
        expect(decodeLine(Buffer.from(line), 7, { path, includeVectors: false })).toEqual(plain);
      }),
    );
  });

  const vectors: [name: string, line: string, vector: Float32Array | undefined][] = [
    ["at the end", `{"id":"a","vector":"${base64}"}`, floats],
    ["at the beginning", `{"vector":"${base64}","id":"a"}`, floats],
    ["with spaces", `{"id": "a", "vector": "${base64}"}`, floats],
    [
      "with an escape",
      `{"id":"a","vector":"\\u${base64.charCodeAt(0).toString(16).padStart(4, "0")}${base64.slice(1)}"}`,
      floats,
    ],
    ["twice, of which the last counts", `{"id":"a","vector":"AAAA","vector":"${base64}"}`, floats],
    ["that is empty", '{"id":"a","vector":""}', new Float32Array(0)],
    ["in a text alone", `{"id":"a","text":"b,\\"vector\\":\\"${base64}"}`, undefined],
    ["in the metadata alone", `{"id":"a","metadata":{"b":1,"vector":"${base64}"}}`, undefined],
  ];

  it.each(vectors)("is read with a vector %s", (_name, line, vector) => {
    expect(decode(line).vector).toEqual(vector);
  });

  const broken: [name: string, line: string, problem: RegExp][] = [
    ["no end of the vector", `{"id":"a","vector":"${base64}\\"}`, /line 7: it is not JSON/],
    ["a control character in the vector", `{"id":"a","vector":"AA\tAA"}`, /line 7: it is not JSON/],
    [
      "an object that is not closed",
      `{"id":"a","metadata":{"b":1,"vector":"${base64}"}`,
      /line 7: it is not JSON/,
    ],
    ["a vector alone", `,"vector":"${base64}"}`, /line 7: it is not JSON/],
    ["no id", `{"text":"a","vector":"${base64}"}`, /line 7: it is not a record: id/],
    ["an unknown key", `{"id":"a","distance":1,"vector":"${base64}"}`, /line 7: it is not a record/],
  ];

  it.each(broken)("is refused with %s", (_name, line, problem) => {
    expect(() => decode(line)).toThrow(problem);
  });

  it("keeps integers beyond 2^53 digit for digit (MIG-14)", () => {
    const one = { id: "a", metadata: { tweet: 1_610_521_604_143_693_812n, list: [-(2n ** 63n)] } };
    const { head } = encodeLine(one);
    expect(head).toContain("1610521604143693812");
    expect(decode(head)).toEqual(one);
  });

  it("keeps the form of a number for a reader that writes it down again", () => {
    const line = '{"id":"a","metadata":{"price":1.0,"count":1,"list":[2.50]}}';
    expect(encodeLine(decode(line, true)).head).toBe(line);
    expect(decode(line).metadata).toEqual({ price: 1, count: 1, list: [2.5] });
  });

  it("refuses a number that no double holds, with line and key", () => {
    expect(() => decode('{"id":"a","metadata":{"price":1e400}}')).toThrow(/line 7.*metadata\.price: 1e400/);
  });
});
