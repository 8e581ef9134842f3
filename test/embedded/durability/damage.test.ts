import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VectorIndex } from "../../../src/embedded/index.ts";
import { RagfoodError } from "../../../src/foundation/errors.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { seededRandom, seedOf } from "./random.ts";
import { hybridSettings, idsFound, randomRecord, textOfIndex, toStored } from "./scenario.ts";

const seed = seedOf("damage");

/** `DAMAGE_FLIPS=20000 npx vitest run test/embedded/durability/damage.test.ts` for the long run. */
const flips = Number(process.env.DAMAGE_FLIPS ?? 250);

/** The file of a small index with two namespaces, rewritten and deleted records. */
function makeFile(): { bytes: Buffer; text: string } {
  const random = seededRandom(1);
  const path = join(temporaryDirectory(), "index.sqlite");
  const index = VectorIndex.open({ path, settings: hybridSettings });
  for (const namespace of ["", "recipes"]) {
    for (let batch = 0; batch < 3; batch++) {
      index.upsert(
        namespace,
        Array.from({ length: 20 }, () => toStored(randomRecord(random))),
      );
    }
    index.remove(namespace, { prefix: "food-2" });
  }
  const text = textOfIndex(index);
  index.close();
  return { bytes: readFileSync(path), text };
}

/** Outcome for a damaged index file: reported on reading, reported by `verify`, or harmless. */
async function outcomeOf(
  bytes: Uint8Array,
  text: string,
): Promise<"reported" | "verified" | "harmless" | "silent"> {
  const path = join(temporaryDirectory(), "index.sqlite");
  writeFileSync(path, bytes);
  let index: VectorIndex | undefined;
  try {
    index = VectorIndex.open({ path, settings: hybridSettings });
    const found = textOfIndex(index);
    for (const namespace of index.listNamespaces()) await idsFound(index, namespace);
    if (index.verify().faults.length > 0) return "verified";
    return found === text ? "harmless" : "silent";
  } catch (error) {
    if (!(error instanceof RagfoodError)) throw error;
    return "reported";
  } finally {
    index?.close();
  }
}

describe("EMB-2: damage to the file", () => {
  it("of any one bit is reported or changes nothing", async () => {
    const random = seededRandom(seed);
    const whole = makeFile();
    const outcomes = { reported: 0, verified: 0, harmless: 0, silent: 0 };
    for (let trial = 0; trial < flips; trial++) {
      const bytes = Buffer.from(whole.bytes);
      const place = random.below(bytes.length);
      const bit = random.below(8);
      bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << bit), place);
      const outcome = await outcomeOf(bytes, whole.text);
      expect(outcome, `seed ${seed}: bit ${bit} of byte ${place}`).not.toBe("silent");
      outcomes[outcome]++;
    }
    console.log("flips:", outcomes);
    expect(outcomes.reported).toBeGreaterThan(0);
  }, 600_000);

  it("that cuts it short is reported", async () => {
    const random = seededRandom(seed);
    const whole = makeFile();
    for (let trial = 0; trial < 60; trial++) {
      const length = 1 + random.below(whole.bytes.length - 1);
      const outcome = await outcomeOf(whole.bytes.subarray(0, length), whole.text);
      expect(["reported", "verified"], `seed ${seed}: cut at ${length}`).toContain(outcome);
    }
  });

  it("names the record, which is whole again once it is written again", () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const record = { ...toStored(randomRecord(seededRandom(seed))), id: "vindaloo", data: "a fiery curry" };
    const first = VectorIndex.open({ path, settings: hybridSettings });
    first.upsert("", [record, { ...record, id: "idli", data: "a steamed cake" }]);
    first.close();
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.indexOf("a fiery curry")) ^ 1, bytes.indexOf("a fiery curry"));
    const damaged = join(temporaryDirectory(), "index.sqlite");
    writeFileSync(damaged, bytes);

    const index = VectorIndex.open({ path: damaged, settings: hybridSettings });
    const read = () => index.fetch("", ["vindaloo"], { data: true });
    expect(read).toThrow(/"vindaloo" is not what was written/);
    expect(index.fetch("", ["idli"], { data: true })).toMatchObject([{ data: "a steamed cake" }]);
    expect(index.verify()).toEqual({
      recordCount: 2,
      faults: [{ kind: "record", problem: 'the record "vindaloo" is not what was written' }],
    });
    index.upsert("", [record]);
    expect(read()).toMatchObject([{ data: "a fiery curry" }]);
    expect(index.verify().faults).toEqual([]);
    index.close();
  });
});
