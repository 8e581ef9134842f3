import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  defaultSettings,
  EmbeddedRequester,
  type Emulator,
  VectorIndex,
} from "../../../src/embedded/index.ts";
import { dense } from "../../helpers/index-settings.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { served } from "./wire.ts";

/** What Python, Go and PHP clients send is stored and returned digit for digit, or refused. */

async function send(
  emulator: Emulator,
  command: string,
  body: string,
): Promise<{ status: number; text: string }> {
  const headers = { Authorization: `Bearer ${emulator.token}` };
  const response = await fetch(`${emulator.url}/${command}`, { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
}

async function storedMetadata(emulator: Emulator, id = "1"): Promise<string | undefined> {
  const { text } = await send(emulator, "fetch", `{"ids":["${id}"],"includeMetadata":true}`);
  return /"metadata":(.*)\}\]\}$/.exec(text)?.[1];
}

const upsertOf = (id: string, metadata: string) => `{"id":"${id}","data":"kimchi","metadata":${metadata}}`;

function opened(): { vectorIndex: VectorIndex; index: Index } {
  const vectorIndex = VectorIndex.open({ path: ":memory:", settings: defaultSettings });
  onTestFinished(() => vectorIndex.close());
  return { vectorIndex, index: new Index(new EmbeddedRequester(vectorIndex)) };
}

describe("metadata over HTTP", () => {
  it.each([
    '{"tweet":1610521604143693812}',
    '{"a":[9007199254740993,{"b":-18446744073709551615}]}',
    '{"price":1.0,"zero":0.0,"rate":0.10,"big":1e5,"minus":-0.0}',
    '{"text":"\\ud83d"}',
    '{"id":12345678901234567890123456789}',
  ])("%s comes back as it was sent", async (metadata) => {
    const emulator = await served();
    expect((await send(emulator, "upsert-data", upsertOf("1", metadata))).status).toBe(200);
    expect(await storedMetadata(emulator)).toBe(metadata);
    const query = await send(emulator, "query-data", '{"data":"kimchi","includeMetadata":true}');
    expect(query.text).toContain(`"metadata":${metadata}`);
  });

  it("a patch keeps the digits of what it does not change", async () => {
    const emulator = await served();
    await send(emulator, "upsert-data", upsertOf("1", '{"tweet":1610521604143693812,"price":1.0,"a":1}'));
    const patch = '{"id":"1","metadataUpdateMode":"PATCH","metadata":{"a":null,"b":{"c":2.0},"d":2.50}}';
    expect((await send(emulator, "update", patch)).text).toBe('{"result":{"updated":1}}');
    expect(await storedMetadata(emulator)).toBe(
      '{"tweet":1610521604143693812,"price":1.0,"b":{"c":2.0},"d":2.50}',
    );
  });

  it.each([
    ['{"far":1e400}', "metadata.far: 1e400 is outside the range of a double"],
    ['{"near":1e-400}', "metadata.near: 1e-400 is outside the range of a double"],
    ['{"a":{"b":1,"b":2}}', 'metadata.a.b: the key \\"b\\" occurs twice'],
  ])("%s is refused with its place, and nothing is stored", async (metadata, problem) => {
    const emulator = await served();
    const answer = await send(emulator, "upsert-data", `[${upsertOf("0", "{}")},${upsertOf("1", metadata)}]`);
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/line 1, column \d+, \[1\]\./);
    expect(answer.text).toContain(problem);
    expect((await send(emulator, "info", "")).text).toContain('"vectorCount":0');
  });

  it("large integers in a vector are components like any other", async () => {
    const emulator = await served({ settings: dense });
    const body = '{"id":"1","vector":[100000000000000000000,100000000000000000000]}';
    expect((await send(emulator, "upsert", body)).status).toBe(200);
  });
});

describe("a filter on integers beyond 2^53", () => {
  it.each([
    ["n = 9007199254740993", ["b"]],
    ["n = 9007199254740992", ["a"]],
    ["n != 9007199254740993", ["a", "c"]],
    ["n > 9007199254740992", ["b", "c"]],
    ["n >= 9007199254740994", ["c"]],
    ["n < 9007199254740993", ["a"]],
    ["n IN (9007199254740992, 9007199254740994)", ["a", "c"]],
    ["n NOT IN (9007199254740992)", ["b", "c"]],
    ["list CONTAINS 9007199254740993", ["b"]],
    ["n = 9007199254740993.0", ["b"]],
  ])("%s finds %j", async (filter, expected) => {
    const emulator = await served();
    const records = [992, 993, 994].map((end, place) =>
      upsertOf("abc"[place] as string, `{"n":9007199254740${end},"list":[9007199254740${end}]}`),
    );
    await send(emulator, "upsert-data", `[${records.join()}]`);
    const { text } = await send(emulator, "query-data", JSON.stringify({ data: "kimchi", filter }));
    expect(JSON.parse(text).result.map(({ id }: { id: string }) => id)).toEqual(expected);
    // The other path: a delete reads the metadata row by row.
    const deleted = await send(emulator, "delete", JSON.stringify({ filter }));
    expect(deleted.text).toBe(`{"result":{"deleted":${expected.length}}}`);
  });

  it("a fraction beyond 2^53 is refused, because a double cannot distinguish its neighbours", async () => {
    const emulator = await served();
    const answer = await send(emulator, "query-data", '{"data":"x","filter":"n > 9007199254740993.5"}');
    expect(answer.text).toContain("number out of range");
  });
});

describe("a client in this process", () => {
  it("gets an integer beyond 2^53 as a bigint, and may write one", async () => {
    const { index } = opened();
    const metadata = { tweet: 1610521604143693812n, list: [2n ** 64n], price: 5 };
    await index.upsert({ id: "1", data: "kimchi", metadata });
    expect((await index.fetch(["1"], { includeMetadata: true }))[0]?.metadata).toEqual(metadata);
    const filter = "tweet = 1610521604143693812";
    expect(await index.query({ data: "kimchi", topK: 1, filter })).toHaveLength(1);
    expect(await index.query({ data: "kimchi", topK: 1, filter: "tweet = 1610521604143693813" })).toEqual([]);
  });

  it.each([2 ** 53, 2 ** 60, 1.2e17, -0, 5e-324, 1.7976931348623157e308])(
    "gets the double %d as the same double",
    async (number) => {
      const { index } = opened();
      await index.upsert({ id: "1", data: "kimchi", metadata: { number } });
      const [record] = await index.fetch(["1"], { includeMetadata: true });
      expect(record?.metadata?.number).toBe(number);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "cannot write %d, which JSON would make null",
    async (far) => {
      const { index } = opened();
      await expect(index.upsert({ id: "1", data: "x", metadata: { a: [far] } })).rejects.toMatchObject({
        status: 422,
        message: `metadata cannot be stored: a[0]: ${far} has no form in JSON`,
      });
    },
  );
});

describe("whole floats", () => {
  it("of vectors and scores have a point, as the service writes them (vector-php)", async () => {
    const emulator = await served({ settings: dense });
    await send(emulator, "upsert", '{"id":"1","vector":[5,6.0]}');
    const { text } = await send(emulator, "query", '{"vector":[5,6],"topK":1,"includeVectors":true}');
    expect(text).toBe('{"result":[{"id":"1","score":1.0,"vector":[5.0,6.0]}]}');
  });

  it("of sparse vectors too, while indices and counts are integers", async () => {
    const emulator = await served();
    const sparse = '{"indices":[1,2],"values":[2.0,0.5]}';
    await send(emulator, "upsert", `{"id":"1","sparseVector":${sparse}}`);
    const { text } = await send(emulator, "fetch", '{"ids":["1"],"includeVectors":true}');
    expect(text).toBe(`{"result":[{"id":"1","sparseVector":${sparse}}]}`);
    expect((await send(emulator, "info", "")).text).toContain('"vectorCount":1,');
  });
});

describe("a seed", () => {
  const seeded = async (content: string) => {
    const seed = join(temporaryDirectory(), "seed.jsonl");
    writeFileSync(seed, content);
    return await served({ seed });
  };

  it("keeps the digits of its metadata, in lines and in a list", async () => {
    const metadata = '{"tweet":1610521604143693812,"price":1.0}';
    const line = upsertOf("1", metadata);
    for (const content of [`${line}\n`, `[\n${line}\n]`]) {
      expect(await storedMetadata(await seeded(content))).toBe(metadata);
    }
  });

  it.each([
    [
      '{"id":"0","data":"x"}\n{"id":"1","data":"x","metadata":{"far":1e400}}\n',
      /line 2: column \d+, metadata\.far: 1e400/,
    ],
    [
      '[{"id":"0","data":"x"},\n{"id":"1","data":"x","metadata":{"a":1,"a":2}}]',
      /line 2: column \d+, \[1\]\.metadata\.a: the key "a" occurs twice/,
    ],
    ['[{"id":"0","data":"x"},\n{"id":"1","data":"\\ud800"}]', /line 2, record 2: .*half of a surrogate pair/],
  ])("%s is refused with its place", async (content, message) => {
    await expect(seeded(content)).rejects.toThrow(message);
  });
});
