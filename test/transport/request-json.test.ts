import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/foundation/exact-json/index.ts";
import { requestJson } from "../../src/transport/request-json.ts";

/** The vector as a service reads it, that keeps float32. */
function read(vector: Float32Array): Float32Array {
  const [item] = JSON.parse(requestJson([{ id: "a", vector }])) as [{ vector: (number | null)[] }];
  return Float32Array.from(item.vector, (component) => component ?? Number.NaN);
}

const bits = (vector: Float32Array) => [...new Uint32Array(vector.buffer.slice(0))];

/** What JSON holds: no sign of zero. */
const withoutSigns = (vector: Float32Array) => vector.map((component) => (component === 0 ? 0 : component));

describe("the JSON of a request", () => {
  it("keeps every float32 bit pattern exactly", () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: 1, maxLength: 64 }), (words) => {
        const vector = new Float32Array(Uint32Array.from(words).buffer).map((component) =>
          Number.isFinite(component) ? component : 0,
        );
        expect(bits(read(vector))).toEqual(bits(withoutSigns(vector)));
      }),
      { numRuns: 500 },
    );
  });

  it("holds the components of embeddings exactly, and in fewer letters than their doubles", () => {
    const vector = Float32Array.from(
      { length: 20_000 },
      (_, place) => Math.sin(place * place) / (1 + (place % 97)),
    );
    expect(bits(read(vector))).toEqual(bits(withoutSigns(vector)));
    expect(requestJson([{ vector }]).length).toBeLessThan(0.75 * JSON.stringify([...vector]).length);
  });

  it("holds powers of ten and of two, their neighbours, and whole numbers", () => {
    const around = (value: number) => {
      const word = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
      return [word - 1, word, word + 1].flatMap((one) => [one, one + 2 ** 31]);
    };
    const values = [
      ...Array.from({ length: 70 }, (_, place) => 10 ** (place - 38)),
      ...Array.from({ length: 200 }, (_, place) => 2 ** (place - 140)),
      ...[1, 3, 5, 12_345_678, 0.5, 0.1],
    ].filter((value) => Math.fround(value) > 0);
    const vector = new Float32Array(Uint32Array.from(values.flatMap(around)).buffer);
    expect(bits(read(vector))).toEqual(bits(withoutSigns(vector)));
  });

  it("reads back as any other body was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(parseJson(requestJson(body))).toEqual(body);
      }),
    );
    const items = [
      { id: "a", vector: Float32Array.of(0.5, -2, 0), metadata: { b: [1] } },
      { vector: [1] },
      null,
    ];
    expect(JSON.parse(requestJson(items))).toEqual([
      { id: "a", vector: [0.5, -2, 0], metadata: { b: [1] } },
      { vector: [1] },
      null,
    ]);
    expect(requestJson([{ vector: Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY) }])).toBe(
      '[{"vector":[null,null]}]',
    );
  });
});
