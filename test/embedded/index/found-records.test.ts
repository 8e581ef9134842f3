import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Index } from "@upstash/vector";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../../src/embedded/index.ts";
import { SlotGoneError } from "../../../src/embedded/storage/slot-gone.ts";
import { Storage } from "../../../src/embedded/storage/storage.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** Records that a search found are kept in memory; every answer must be as if they were read again. */

let path: string;

function open(): { vectorIndex: VectorIndex; index: Index } {
  const vectorIndex = VectorIndex.open({ path, settings: defaultSettings });
  onTestFinished(() => vectorIndex.close());
  return { vectorIndex, index: new Index(new EmbeddedRequester(vectorIndex)) };
}

const question = { data: "spicy kimchi", topK: 5, includeMetadata: true, includeData: true };
const kimchi = {
  id: "kimchi",
  data: "spicy kimchi from Korea",
  metadata: { hot: true, tags: ["a", { b: 1 }] },
};

describe("a record that was found before", () => {
  beforeEach(() => {
    path = join(temporaryDirectory(), "index.sqlite");
  });

  it("is the same at every answer, whatever the caller does with the last one", async () => {
    const { index } = open();
    const secret = JSON.parse('{"__proto__":{"own":1},"__proto__x":[{}]}') as Record<string, unknown>;
    await index.upsert({ ...kimchi, metadata: { ...kimchi.metadata, secret } });
    const [first] = await index.query(question);
    const expected = JSON.stringify(first);
    const metadata = first?.metadata as { hot: boolean; tags: unknown[]; secret: Record<string, unknown> };
    metadata.hot = false;
    (metadata.tags[1] as { b: number }).b = 2;
    metadata.tags.push("new");
    (Object.getOwnPropertyDescriptor(metadata.secret, "__proto__")?.value as { own: number }).own = 2;
    const [second] = await index.query(question);
    expect(JSON.stringify(second)).toBe(expected);
    expect(expected).toContain('"__proto__":{"own":1}');
  });

  it("has just the parts that each query asks for", async () => {
    const { index } = open();
    await index.upsert(kimchi);
    for (const includeData of [false, true, false])
      for (const includeMetadata of [false, true])
        for (const includeVectors of [false, true]) {
          const [match] = await index.query({ ...question, includeData, includeMetadata, includeVectors });
          expect(match?.data).toBe(includeData ? kimchi.data : undefined);
          expect(match?.metadata).toEqual(includeMetadata ? kimchi.metadata : undefined);
          expect(match?.sparseVector !== undefined).toBe(includeVectors);
        }
  });

  const changes: readonly [string, (index: Index) => Promise<unknown>, string | undefined][] = [
    ["an upsert", (index) => index.upsert({ ...kimchi, data: "spicy kimchi, new" }), "spicy kimchi, new"],
    ["an update", (index) => index.update({ id: "kimchi", data: "spicy kimchi, new" }), "spicy kimchi, new"],
    ["a deletion", (index) => index.delete("kimchi"), undefined],
    ["a reset", (index) => index.reset(), undefined],
    ["a reset of all", (index) => index.reset({ all: true }), undefined],
  ];
  it.each(changes)("changes with %s by this process and by another one", async (_, change, data) => {
    for (const writer of ["this", "another"]) {
      path = join(temporaryDirectory(), "index.sqlite");
      const { index } = open();
      await index.upsert(kimchi);
      await index.query(question);
      await change(writer === "this" ? index : open().index);
      const [match] = await index.query(question);
      expect(match?.data, writer).toBe(data);
    }
  });

  it("is that of the namespace, after another one took its name", async () => {
    const { index } = open();
    await index.upsert(kimchi, { namespace: "old" });
    await index.upsert({ ...kimchi, data: "spicy kimchi, new" }, { namespace: "new" });
    for (const namespace of ["old", "new"]) await index.query(question, { namespace });
    const { vectorIndex } = open();
    vectorIndex.renameNamespace("new", "old", true);
    const [match] = await index.query(question, { namespace: "old" });
    expect(match?.data).toBe("spicy kimchi, new");
  });

  it("is compared with its checksum again once another process has written, and named if it is damaged", async () => {
    const { index } = open();
    await index.upsert([kimchi, { id: "idli", data: "a steamed cake" }]);
    expect(await index.query(question)).toHaveLength(1);
    const other = new DatabaseSync(path);
    other.exec(`UPDATE records SET metadata = '{"hot":false}' WHERE id = 'kimchi'`);
    other.close();
    await expect(index.query(question)).rejects.toThrow('the record "kimchi" is not what was written');
    await expect(index.query({ ...question, data: "cake" })).resolves.toHaveLength(1);
    await expect(index.query(question)).rejects.toThrow('the record "kimchi" is not what was written');
  });

  it("is gone for a search that a deletion of this process overtakes", () => {
    const storage = new Storage(path);
    onTestFinished(() => storage.close());
    const record = { id: "kimchi", metadata: "{}", data: "spicy", dense: undefined, sparse: undefined };
    const slot = storage.write("", (writer) => {
      writer.put(record);
      return storage.findSlot(writer.namespace, "kimchi") as number;
    });
    const read = () =>
      storage.snapshot(() => [...storage.readFound([{ slot, isCompared: false }], { data: true })]);
    expect(read()).toEqual([{ ...record, metadata: undefined }]);
    storage.write("", (writer) => writer.remove(slot));
    expect(read).toThrow(SlotGoneError);
  });
});
