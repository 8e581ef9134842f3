import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { restoreBackup, VectorIndex } from "../../../src/embedded/index.ts";
import { StorageError } from "../../../src/foundation/errors.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { startApplier } from "./applier.ts";
import { seededRandom, seedOf } from "./random.ts";
import {
  emptyModel,
  hybridSettings,
  type PlainRecord,
  randomOperations,
  randomRecord,
  statesOf,
  textOfIndex,
  textOfModel,
  toStored,
} from "./scenario.ts";

function open(path: string): VectorIndex {
  const index = VectorIndex.open({ path, settings: hybridSettings });
  onTestFinished(() => index.close());
  return index;
}

function textAt(path: string): string {
  return textOfIndex(open(path));
}

const vindaloo: PlainRecord = { ...randomRecord(seededRandom(2)), id: "vindaloo", data: "a fiery curry" };
const idli: PlainRecord = { ...randomRecord(seededRandom(3)), id: "idli" };

function filledIndex(...records: PlainRecord[]): { index: VectorIndex; path: string } {
  const path = join(temporaryDirectory(), "index.sqlite");
  const index = open(path);
  index.upsert("", records.map(toStored));
  return { index, path };
}

describe("EMB-2: backup", () => {
  it("holds a state that the index was in while another process wrote, and is restored to it", async () => {
    const random = seededRandom(seedOf("backup"));
    const directory = temporaryDirectory();
    const path = join(directory, "index.sqlite");
    const operations = randomOperations(random, emptyModel, 120, 60);
    const states = statesOf(emptyModel, operations).map(textOfModel);
    const applier = startApplier(path, operations);
    await applier.reached(1);
    const index = open(path);
    for (let round = 0; round < 4; round++) {
      const before = applier.acknowledged;
      const backup = join(directory, `backup-${round}.sqlite`);
      await index.backup(backup);
      const after = applier.acknowledged;
      const restored = join(directory, `restored-${round}`, "index.sqlite");
      restoreBackup(backup, restored);
      expect(states.slice(before, after + 2)).toContain(textAt(restored));
      await applier.reached((round + 1) * 25);
    }
    await applier.ended;
    expect(textOfIndex(index)).toBe(states.at(-1));
  });

  it("is one file, and leaves no draft behind", async () => {
    const { index } = filledIndex(vindaloo);
    const directory = temporaryDirectory();
    await index.backup(join(directory, "monday.sqlite"));
    await index.backup(join(directory, "monday.sqlite"));
    expect(readdirSync(directory)).toEqual(["monday.sqlite"]);
  });

  it("does not take the place of an index that is in use", async () => {
    const { index, path } = filledIndex(vindaloo);
    await expect(index.backup(path)).rejects.toThrow(/is an index in use/);
    expect(index.fetch("", ["vindaloo"], {})).toMatchObject([{ id: "vindaloo" }]);
  });

  it("of a damaged index is refused, and an earlier backup kept", async () => {
    const { index, path } = filledIndex(vindaloo);
    const file = join(temporaryDirectory(), "monday.sqlite");
    await index.backup(file);
    index.close();
    const damaged = join(temporaryDirectory(), "index.sqlite");
    const bytes = readFileSync(path);
    bytes.write("mild", bytes.indexOf("fiery"));
    writeFileSync(damaged, bytes);
    await expect(open(damaged).backup(file)).rejects.toThrow(/"vindaloo" is not what was written/);
    restoreBackup(file, join(temporaryDirectory(), "index.sqlite"));
  });

  it("names the reason if it cannot be written", async () => {
    const { index } = filledIndex(vindaloo);
    await expect(index.backup(join(temporaryDirectory(), "none", "monday.sqlite"))).rejects.toThrow(
      StorageError,
    );
    const inMemory = VectorIndex.open({ path: ":memory:", settings: hybridSettings });
    await expect(inMemory.backup("monday.sqlite")).rejects.toThrow(/in memory cannot be backed up/);
    expect(existsSync("monday.sqlite")).toBe(false);
  });
});

describe("EMB-2: restore", () => {
  it("replaces an index only with `overwrite`, with its log and saved mirrors", async () => {
    const { index } = filledIndex(vindaloo);
    const backup = join(temporaryDirectory(), "monday.sqlite");
    await index.backup(backup);
    const other = filledIndex(idli);
    expect(() => restoreBackup(backup, other.path)).toThrow(/There is an index at .* already/);
    writeFileSync(`${other.path}.mirror-1`, "of the old index");
    restoreBackup(backup, other.path, { overwrite: true });
    expect(existsSync(`${other.path}.mirror-1`)).toBe(false);
    expect(textAt(other.path)).toBe(textOfIndex(index));
  });

  it("is reported to a process that has the old index open, at its next call", async () => {
    const { index } = filledIndex(vindaloo);
    const backup = join(temporaryDirectory(), "monday.sqlite");
    await index.backup(backup);
    const other = filledIndex(idli);
    restoreBackup(backup, other.path, { overwrite: true });
    expect(() => other.index.upsert("", [toStored(idli)])).toThrow(
      /was replaced or removed while it was open/,
    );
    expect(() => other.index.fetch("", ["idli"], {})).toThrow(StorageError);
  });

  it.each([
    ["cut short", (file: string) => truncateSync(file, 9_000)],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["no database", (file: string) => writeFileSync(file, "vindaloo ".repeat(1_000))],
    [
      "changed in one byte",
      (file: string) => writeFileSync(file, readFileSync(file).fill("m", ...placeOf(file, "fiery"))),
    ],
  ])("refuses a backup that is %s, and keeps the index that is there", async (_, damage) => {
    const { index } = filledIndex(vindaloo);
    const backup = join(temporaryDirectory(), "monday.sqlite");
    await index.backup(backup);
    damage(backup);
    const other = filledIndex(idli);
    expect(() => restoreBackup(backup, other.path, { overwrite: true })).toThrow(StorageError);
    expect(other.index.fetch("", ["idli"], {})).toMatchObject([{ id: "idli" }]);
    expect(readdirSync(dirname(other.path)).filter((name) => name.includes("draft"))).toEqual([]);
  });
});

function placeOf(file: string, text: string): [number, number] {
  const place = readFileSync(file).indexOf(text);
  return [place, place + 1];
}
