import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, VectorIndex, type VectorIndexOptions } from "../../../src/embedded/index.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { StorageError } from "../../../src/foundation/errors.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

function open(path: string, options: Partial<VectorIndexOptions> = {}): VectorIndex {
  const index = VectorIndex.open({
    path,
    settings: defaultSettings,
    embedders: { sparse: bm25 },
    ...options,
  });
  onTestFinished(() => index.close());
  return index;
}

async function write(index: VectorIndex, id: string, text: string): Promise<void> {
  const [vectors] = await index.embed([text], "document");
  index.upsert("", [{ id, data: text, metadata: undefined, dense: undefined, sparse: vectors?.sparse }]);
}

async function find(index: VectorIndex, text: string): Promise<string[]> {
  const [vectors] = await index.embed([text], "query");
  const request = {
    dense: undefined,
    sparse: vectors?.sparse,
    topK: 5,
    filter: undefined,
    weightByFrequency: false,
    fusion: "RRF",
  } as const;
  return (await index.query("", request, {})).map(({ record }) => record.id);
}

describe("an index that is opened to be read alone", () => {
  it("answers, leaves nothing beside the file, and refuses writes", async () => {
    // The name has what a URL would take for its query and fragment.
    const directory = temporaryDirectory();
    const path = join(directory, "in#dex?.sqlite");
    const writer = open(path);
    await write(writer, "soup", "tomato soup");
    writer.close();
    const files = readdirSync(directory);
    const reader = open(path, { readOnly: true });
    expect(await find(reader, "soup")).toEqual(["soup"]);
    expect(reader.info().namespaces).toMatchObject([{ recordCount: 1 }]);
    await expect(write(reader, "cake", "apple cake")).rejects.toThrow(StorageError);
    await expect(write(reader, "cake", "apple cake")).rejects.toThrow("it is read-only");
    expect(reader.verify()).toEqual({ recordCount: 1, faults: [] });
    reader.close();
    expect(readdirSync(directory)).toEqual(files);
  });

  it("is refused while its log holds writes that the file lacks", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const writer = open(path);
    await write(writer, "soup", "tomato soup");
    expect(() => open(path, { readOnly: true })).toThrow(/its last writes are still in .*-wal/);
    writer.close();
    expect(await find(open(path, { readOnly: true }), "soup")).toEqual(["soup"]);
  });

  it("reports a write of another process at its next call, and gives no stale answer", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const first = open(path);
    await write(first, "soup", "tomato soup");
    first.close();
    const reader = open(path, { readOnly: true });
    expect(await find(reader, "cake")).toEqual([]);
    await write(open(path), "cake", "apple cake");
    await expect(find(reader, "cake")).rejects.toThrow("was changed while it was open");
  });

  it("that is not there is refused, and not made", () => {
    const directory = temporaryDirectory();
    expect(() => open(join(directory, "index.sqlite"), { readOnly: true })).toThrow(StorageError);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a closed index", () => {
  it("is reported by every method", async () => {
    const index = open(join(temporaryDirectory(), "index.sqlite"));
    index.close();
    index.close();
    const calls = [
      () => find(index, "soup"),
      () => write(index, "1", "soup"),
      async () => index.info(),
      async () => index.fetch("", ["1"], {}),
      async () => index.range("", 0, 10, "", {}),
      async () => index.listNamespaces(),
      async () => index.reset(""),
      async () => index.verify(),
      () => index.backup("never.sqlite"),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toThrow(StorageError);
      await expect(call()).rejects.toThrow("is closed");
    }
  });
});
