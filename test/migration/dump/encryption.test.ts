import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptShard, encryptShard } from "../../../src/migration/dump/encryption.ts";

const key = { id: "test", bytes: randomBytes(32) };
const chunk = 65_536 + 16;
const header = 40;

async function encrypt(pieces: Uint8Array[]): Promise<Buffer> {
  const sealed: Uint8Array[] = [];
  const source = (async function* () {
    yield* pieces;
  })();
  for await (const piece of encryptShard(source, key, "shard")) sealed.push(piece);
  return Buffer.concat(sealed);
}

const decrypt = (bytes: Uint8Array, file = "shard", by = key) =>
  Buffer.concat([...decryptShard(bytes, by, file)]);

describe("the encryption of a shard (SEC-4, OPS-7)", () => {
  it("returns any content, in any pieces", async () => {
    const lengths = fc.array(fc.oneof(fc.nat(100), fc.constantFrom(0, 65_535, 65_536, 65_537, 131_072)), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const pieces = sizes.map((size) => randomBytes(size));
        expect(decrypt(await encrypt(pieces)).equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("refuses chunks that were left out, moved, doubled or cut off, at the end and between them", async () => {
    const sealed = await encrypt([randomBytes(3 * 65_536)]);
    const [head, one, two, three] = [
      sealed.subarray(0, header),
      sealed.subarray(header, header + chunk),
      sealed.subarray(header + chunk, header + 2 * chunk),
      sealed.subarray(header + 2 * chunk),
    ] as [Buffer, Buffer, Buffer, Buffer];
    expect(decrypt(Buffer.concat([head, one, two, three]))).toHaveLength(3 * 65_536);
    const wrong = [
      [head, one, two],
      [head, one],
      [head],
      [head, two, one, three],
      [head, one, one, three],
      [head, one, three],
      [head, one, two, three, three],
      [head, three],
      [head.subarray(0, 10)],
      [one, two, three],
      [head, one, two, three.subarray(0, -1)],
    ];
    for (const [number, parts] of wrong.entries()) {
      expect(() => decrypt(Buffer.concat(parts)), `case ${number}`).toThrow();
    }
  });

  it("refuses another key, another name, and the beginning of another file", async () => {
    const [one, two] = [await encrypt([Buffer.from("one")]), await encrypt([Buffer.from("two")])];
    expect(() => decrypt(one, "shard", { ...key, bytes: randomBytes(32) })).toThrow();
    expect(() => decrypt(one, "other")).toThrow();
    expect(() => decrypt(Buffer.concat([one.subarray(0, header), two.subarray(header)]))).toThrow();
  });
});
