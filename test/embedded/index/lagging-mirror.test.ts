import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Index } from "@upstash/vector";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { AnswerBudget } from "../../../src/embedded/index/answer-budget.ts";
import { DenseVectors } from "../../../src/embedded/index/dense.ts";
import { EmbeddedRequester, VectorIndex } from "../../../src/embedded/index.ts";
import { SlotGoneError } from "../../../src/embedded/storage/slot-gone.ts";
import { Storage } from "../../../src/embedded/storage/storage.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** What queries find after something has gone wrong between storage and the memory that they search. */

let path: string;

beforeEach(() => {
  path = join(temporaryDirectory(), "index.sqlite");
});

function openIndex(): VectorIndex {
  const vectorIndex = VectorIndex.open({
    path,
    settings: {
      type: "DENSE",
      dimension: 2,
      similarityFunction: "COSINE",
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
  });
  onTestFinished(() => vectorIndex.close());
  return vectorIndex;
}

function open(): Index {
  return new Index(new EmbeddedRequester(openIndex()));
}

async function idsNear(index: Index, vector: number[]): Promise<(string | number)[]> {
  return (await index.query({ vector, topK: 3 })).map(({ id }) => id);
}

describe("the rows that queries search", () => {
  it("hold every record again after one of them could not be taken", async () => {
    const index = open();
    await index.upsert({ id: "a", vector: [1, 0] });
    await idsNear(index, [1, 0]);
    await index.upsert([
      { id: "b", vector: [0, 1] },
      { id: "c", vector: [-1, 0] },
    ]);
    vi.spyOn(DenseVectors.prototype, "push").mockImplementationOnce(() => {
      throw new Error("no memory");
    });
    await expect(idsNear(index, [-1, 0])).rejects.toThrow("no memory");
    expect(await idsNear(index, [-1, 0])).toEqual(["c", "b", "a"]);
    expect(await idsNear(index, [0, 1])).toEqual(["b", "a", "c"]);
  });

  it("lose a deleted record although later deletions were removed with their namespace", () => {
    const storage = new Storage(path);
    onTestFinished(() => storage.close());
    const put = (name: string) =>
      storage.write(name, (writer) => {
        writer.put({ id: "a", metadata: undefined, data: undefined, dense: undefined, sparse: undefined });
        return writer.namespace;
      });
    const [namespace, other] = [put("lagging"), put("other")];
    const known = storage.lastTombstone();
    const remove = (name: string, number: number) =>
      storage.write(name, (writer) => writer.remove(storage.findSlot(number, "a") as number));
    remove("lagging", namespace);
    expect(storage.tombstonesSince(namespace, known)?.slots).toHaveLength(1);
    // As after 200,000 deletions in the other namespace.
    const database = new DatabaseSync(path);
    database.exec("UPDATE sqlite_sequence SET seq = seq + 200000 WHERE name = 'tombstones'");
    database.close();
    remove("other", other);
    storage.removeNamespace("other");
    expect(storage.tombstonesSince(namespace, known)).toBeUndefined();
  });

  it("are searched again, with the whole budget of the answer, after a match was removed meanwhile", async () => {
    const vectorIndex = openIndex();
    await new Index(new EmbeddedRequester(vectorIndex)).upsert([
      { id: "a", vector: [1, 0] },
      { id: "b", vector: [0, 1] },
    ]);
    const { readFound } = Storage.prototype;
    vi.spyOn(Storage.prototype, "readFound").mockImplementationOnce(function* (this: Storage, found, parts) {
      for (const record of readFound.call(this, found, parts)) {
        yield record;
        throw new SlotGoneError(path, 1);
      }
    });
    const budget = new AnswerBudget();
    const giveBack = vi.spyOn(budget, "giveBack");
    const dense = Float32Array.of(1, 0);
    const request = { dense, sparse: undefined, topK: 2, filter: undefined, weightByFrequency: false };
    const hits = await vectorIndex.query("", { ...request, fusion: "RRF" }, {}, budget);
    expect(hits.map(({ record }) => record.id)).toEqual(["a", "b"]);
    expect(giveBack.mock.calls.map(([records]) => [...records].map(({ id }) => id))).toEqual([["a"]]);
  });
});

describe("the size of an answer", () => {
  it("is counted in bytes, as it is sent", () => {
    const record = { id: "1", metadata: undefined, dense: undefined, sparse: undefined };
    const budget = new AnswerBudget();
    const texts = 40 * 2 ** 20;
    expect(budget.takes({ ...record, data: "a".repeat(texts) })).toBe(true);
    expect(budget.takes({ ...record, data: "я".repeat(texts) })).toBe(true);
    expect(budget.takes({ ...record, data: "я".repeat(texts / 4) })).toBe(false);
  });
});
