import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it, onTestFinished } from "vitest";
import {
  defaultSettings,
  readIndexSettings,
  type StoredRecord,
  VectorIndex,
} from "../../../src/embedded/index.ts";
import { settingsChecksum } from "../../../src/embedded/storage/rows.ts";
import { packSparse } from "../../../src/embedded/storage/vectors.ts";
import { bm25, documentVector } from "../../../src/embedding/bm25.ts";
import { tokenizeByVersion1 } from "../../../src/embedding/tokenizer-version-1.ts";

import { temporaryDirectory } from "../../helpers/temporary.ts";

const texts = { korean: "私は韓国料理が好きです", danish: "Smørrebrød", plain: "Rice with beans" };
const ownVector = packSparse({ indices: [7], values: [2] });

/** The file of an index that version 1 of the tokenizer filled, with one vector of a caller. */
function indexOfVersion1(): string {
  const path = join(temporaryDirectory(), "index.sqlite");
  const index = VectorIndex.open({ path, settings: defaultSettings });
  const record = (
    id: string,
    data: string,
    sparse = packSparse(documentVector(tokenizeByVersion1(data))),
  ): StoredRecord => ({
    id,
    data,
    sparse,
    dense: undefined,
    metadata: undefined,
  });
  index.upsert(
    "",
    Object.entries(texts).map(([id, data]) => record(id, data)),
  );
  index.upsert("other", [record("own", "韓国料理", ownVector), record("danish", texts.danish)]);
  index.close();
  const database = new DatabaseSync(path);
  const row = { name: "index", value: JSON.stringify(defaultSettings) };
  database.prepare("UPDATE settings SET value = ?, checksum = ?").run(row.value, settingsChecksum(row));
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  return path;
}

async function found(index: VectorIndex, text: string, namespace = ""): Promise<string[]> {
  const sparse = packSparse(bm25.embed(text, "query"));
  const request = {
    dense: undefined,
    sparse,
    topK: 10,
    filter: undefined,
    weightByFrequency: false,
    fusion: "RRF",
  } as const;
  return (await index.query(namespace, request, {})).map(({ record }) => record.id);
}

function opened(path: string, readOnly = false): VectorIndex {
  const index = VectorIndex.open({ path, settings: defaultSettings, readOnly });
  onTestFinished(() => index.close());
  return index;
}

it("an index of the former tokenizer makes its postings again when it is opened", async () => {
  const path = indexOfVersion1();
  const index = opened(path);
  expect(await found(index, "韓国")).toEqual(["korean"]);
  expect(await found(index, "smorrebrod")).toEqual(["danish"]);
  expect(await found(index, "smorrebrod", "other")).toEqual(["danish"]);
  expect(await found(index, "bean")).toEqual(["plain"]);
  expect(index.range("", 0, 10, "", {}).records.map(({ id }) => id)).toEqual(Object.keys(texts));
  expect(index.verify().faults).toEqual([]);
  expect(readIndexSettings(path)).toEqual(defaultSettings);
});

it("a sparse vector from a caller does not change", () => {
  const index = opened(indexOfVersion1());
  expect(index.fetch("other", ["own"], { vectors: true })[0]?.sparse).toEqual(ownVector);
});

it("opened read-only it is not written, and plain words are found", async () => {
  const path = indexOfVersion1();
  const index = opened(path, true);
  expect(await found(index, "beans")).toEqual(["plain"]);
  expect(await found(index, "韓国")).toEqual([]);
});
