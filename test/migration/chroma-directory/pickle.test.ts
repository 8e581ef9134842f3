import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { pickleAsPython, pickleAsRust } from "../../../bench/migration/pickle-writer.ts";
import { DataError } from "../../../src/foundation/errors.ts";
import { BinaryFile } from "../../../src/migration/chroma-directory/binary-file.ts";
import { PickleError } from "../../../src/migration/chroma-directory/index.ts";
import { type PickleEntry, readPickle } from "../../../src/migration/chroma-directory/pickle.ts";
import { temporaryFile } from "../../helpers/temporary.ts";

function read(content: Uint8Array): PickleEntry[] {
  const file = new BinaryFile(temporaryFile(content, "index_metadata.pickle"));
  onTestFinished(() => file.close());
  return [...readPickle(file, new Set(["id_to_label"]))];
}

function failure(content: Uint8Array): PickleError {
  try {
    read(content);
  } catch (error) {
    if (error instanceof PickleError) return error;
    throw error;
  }
  throw new Error("it was read");
}

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );

function contentOf(ids: readonly string[]) {
  return {
    dimension: 4,
    elementsAdded: ids.length,
    lastSequence: 70_000,
    labels: new Map(ids.map((id, place) => [id, place + 1])),
    sequences: new Map(ids.map((id, place) => [id, place * 1_000])),
  };
}

describe("the reader of pickles", () => {
  it("returns the pairs that Python and Rust write, in any number", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 12 }),
        fc.constantFrom(0, 1, 300, 999, 1_000, 1_001, 2_100),
        fc.constantFrom("0.4", "0.6", "rust"),
        (odd, count, version) => {
          const ids = [...new Set([...odd, ...Array.from({ length: count }, (_, number) => `id-${number}`)])];
          const content = contentOf(ids);
          const pickle =
            version === "rust" ? pickleAsRust(content) : pickleAsPython(content, version as "0.4");
          const entries = read(pickle);
          const labels = entries.filter(({ container }) => container === "id_to_label");
          expect(labels.map(({ key, value }) => [key, value])).toEqual([...content.labels]);
          expect(
            entries.filter(({ container }) => container === "label_to_id").map(({ key }) => key),
          ).toEqual([...content.labels.values()]);
          if (version === "0.4")
            expect(entries).toContainEqual({ container: undefined, key: "max_seq_id", value: 70_000 });
        },
      ),
      { numRuns: 20 },
    );
  });

  it("reads negative numbers and those of more than four bytes", () => {
    const entries = read(
      bytes([0x80, 2], "}(X\x01\0\0\0aJ\xff\xff\xff\xffX\x01\0\0\0b\x8a\x05\0\0\0\0\x01X\x01\0\0\0cNu."),
    );
    expect(entries.map(({ key, value }) => [key, value]).sort()).toEqual([
      ["a", -1],
      ["b", 2 ** 32],
      ["c", undefined],
    ]);
  });

  it.each<[string, Uint8Array, string, number, RegExp]>([
    [
      "calls a function",
      bytes([0x80, 4], "\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R."),
      "STACK_GLOBAL",
      17,
      /posix\.system/,
    ],
    ["names a function in the old form", bytes("cos\nsystem\n(S'ls'\ntR."), "GLOBAL", 0, /not data/],
    ["reduces", bytes("}R."), "REDUCE", 1, /not data/],
    [
      "makes an object of another class",
      bytes([0x80, 4], "\x8c\x03foo\x8c\x0ePersistentData\x93)\x81."),
      "STACK_GLOBAL",
      23,
      /not a data class of Chroma/,
    ],
    ["asks for an extension", bytes("\x82\x01."), "EXT1", 0, /not data/],
    ["asks for a persistent object", bytes("}Q."), "BINPERSID", 1, /not data/],
  ])("refuses a pickle that %s, and runs nothing", (_, content, name, offset, problem) => {
    const error = failure(content);
    expect(error).toBeInstanceOf(DataError);
    expect(error.offset).toBe(offset);
    expect(error.message).toMatch(problem);
    expect(error.message).toContain(`(${name})`);
    expect(error.message).toContain(`at byte ${offset}`);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["a text of 4 GB", bytes("X\xff\xff\xff\xffabc"), /in the middle of a text/],
    ["a text of 2^63 bytes", bytes("\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc"), /in the middle of a text/],
    ["a stack of ten million", Buffer.alloc(10_000_000, "N"), /nests deeper/],
    ["dictionaries in dictionaries", bytes("}".repeat(100)), /a dictionary comes at a place/],
    ["a memo of ten million", Buffer.concat([bytes("}"), Buffer.alloc(10_000_000, 0x94)]), /remembers more/],
    ["a memo out of order", bytes("}r\xff\xff\xff\x7f."), /not in order/],
    ["a reference to nothing", bytes("}(h\x05"), /did not come before/],
    ["a whole number of 200 bytes", bytes("\x8a\xc8", "1".repeat(200)), /200 bytes is larger/],
    ["marks alone", bytes("(((("), /without an open dictionary/],
    ["an odd number of values", bytes("}(K\x01u."), /no value/],
    ["a text that is not UTF-8", bytes("}(X\x02\0\0\0\xff\xfe"), /not UTF-8/],
    ["more after the end", bytes("}.}"), /more follows/],
    ["nothing but an end", bytes("."), /before it is complete/],
    ["nothing", bytes(""), /the file ends/],
  ])("bounds its memory, and refuses %s", (_, content, problem) => {
    const before = process.memoryUsage().rss;
    expect(failure(content).message).toMatch(problem);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("ends any bytes at all with pairs or a typed error", () => {
    const whole = pickleAsPython(contentOf(["a", "b", "c"]), "0.4");
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.record({ place: fc.nat(whole.length - 1), value: fc.nat(255) }).map(({ place, value }) => {
        const damaged = Uint8Array.from(whole);
        damaged[place] = value;
        return damaged;
      }),
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
    );
    fc.assert(
      fc.property(anything, (content) => {
        try {
          read(content);
        } catch (error) {
          expect(error).toBeInstanceOf(PickleError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
