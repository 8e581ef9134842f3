import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveTarget } from "../../../src/embedded/protocol/dispatch.ts";
import { parseBody } from "../../../src/embedded/protocol/request-body.ts";
import { splitVectors } from "../../../src/embedded/protocol/vector-lists.ts";
import { defaultLimits } from "../../../src/embedded/settings.ts";
import { parseJson } from "../../../src/foundation/exact-json/index.ts";

const upsert = resolveTarget("upsert", "");

function bodyOf(text: string): unknown {
  return parseBody(Buffer.from(text), upsert, defaultLimits);
}

/** The same body with every character read by the exact reader, or its error. */
function byExactReader(text: string): unknown {
  return parseJson(text, { literals: { below: "metadata" } });
}

/** Lists in place of `Float32Array`, and the message in place of an error. */
function outcome(read: () => unknown): unknown {
  try {
    return JSON.parse(
      JSON.stringify(read(), (key, value) =>
        key === "vector" && (value instanceof Float32Array || Array.isArray(value))
          ? Array.from(value, (number) => (typeof number === "number" ? Math.fround(number) : number))
          : typeof value === "bigint"
            ? String(value)
            : value,
      ) ?? "null",
    );
  } catch (error) {
    return String((error as Error).cause ?? (error as Error).message).replace(
      /^.*(kept exactly|too large|JsonError): /,
      "",
    );
  }
}

describe("a body with vectors", () => {
  it("has them as float32 in the outermost objects, and all else unchanged", () => {
    const metadata = { text: 'a "vector":[1] in ü text' };
    const item = { id: "1", vector: [1, 2.5], inner: { other: [1.5] }, metadata };
    const read = { ...item, vector: Float32Array.of(1, 2.5) };
    expect(bodyOf(JSON.stringify(item))).toEqual(read);
    expect(bodyOf(JSON.stringify([item, item]))).toEqual([read, read]);
  });

  it("keeps lists of that name elsewhere as they are", () => {
    const item = { id: "1", vector: [1, 2.5], inner: { vector: [1.5] }, metadata: { vector: [1.5] } };
    expect(bodyOf(JSON.stringify([item]))).toEqual([item]);
    expect(bodyOf(JSON.stringify([[{ vector: [1.5] }]]))).toEqual([[{ vector: [1.5] }]]);
  });

  it("is split from its vectors, so that little of it is decoded", () => {
    const body = Buffer.from('[{"id":"ü","vector" : [1,2]},{"vector":[3]},{"vector":[1e-40]}]');
    const split = splitVectors(body);
    expect(split?.text).toBe('[{"id":"ü","vector" : []},{"vector":[]},{"vector":[1e-40]}]');
    expect([...(split?.lists ?? [])]).toEqual([
      [22, Float32Array.of(1, 2)],
      [36, Float32Array.of(3)],
    ]);
  });

  it("is read as the exact reader reads it, or refused at the same place", () => {
    const number = fc.oneof(
      fc.double().map(String),
      fc.constantFrom("1.0", "1e400", "1e-40", "x", "", "-0", "[1]"),
    );
    const list = fc.array(number, { maxLength: 4 }).map((numbers) => `[${numbers.join()}]`);
    const key = fc.constantFrom(
      "vector",
      "vector",
      "vector",
      "id",
      "metadata",
      '\\"vector',
      "v\\u0065ctor",
      "ü",
    );
    const { value } = fc.letrec<{ value: string; object: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        list,
        fc.constantFrom('"vector"', '"\\"vector\\":[1]"', "1", "[]", '"vector":[1]', "12345678901234567890"),
        tie("object"),
        tie("object").map((object) => `[${object},${object}]`),
      ),
      object: fc
        .array(fc.tuple(key, fc.constantFrom(":", " : ", ":\n"), tie("value")), { maxLength: 3 })
        .map((entries) => `{${entries.map(([name, colon, held]) => `"${name}"${colon}${held}`).join()}}`),
    }));
    fc.assert(
      fc.property(value, (text) => {
        expect(
          outcome(() => bodyOf(text)),
          text,
        ).toEqual(outcome(() => byExactReader(text)));
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 2_000) },
    );
  });
});
