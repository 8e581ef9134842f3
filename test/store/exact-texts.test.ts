import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, startEmulator, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { InvalidRequestError } from "../../src/foundation/errors.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";

/** `EXACT_RUNS=5000 npx vitest run test/store/exact-texts.test.ts` for the long run. */
const runs = Number(process.env.EXACT_RUNS ?? 60);

function inProcess(): VectorStore {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  onTestFinished(() => index.close());
  return new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
}

async function overHttp(): Promise<VectorStore> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const requester = new HttpRequester({ url: emulator.url, token: emulator.token, timeoutMs: 10_000 });
  return new UpstashStore({ name: "upstash", requester });
}

/** Texts that a store in C, in UTF-8 or in a URL is prone to cut, fold or mix up. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\0",
        "a",
        "a\0b",
        "\ud800",
        "\udfff",
        "\ud83c\udf5c",
        "\ufeff",
        "\uffff",
        "\ufffd",
        "é",
        "e\u0301",
      ),
      fc.constantFrom(
        "%00",
        "%",
        "\uffff\u{10ffff}",
        "'",
        '"',
        "\\",
        "\n",
        " ",
        "\u2028",
        "A",
        "ß",
        "ｱ",
        "b".repeat(3_000),
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(""));

/** Bytes of UTF-8 that an id may have. */
const maximumIdBytes = 4_096;

const wholeKey = (key: string) => !/[\0\p{Surrogate}]/u.test(key);

/** What is stored, or why not. */
async function attempt(work: () => Promise<unknown>): Promise<"done" | InvalidRequestError> {
  try {
    await work();
    return "done";
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
}

describe.each([
  ["in process", inProcess],
  ["over HTTP", overHttp],
] as const)("what is stored is what was written, or is refused: %s", (_, open) => {
  it("ids, texts and metadata", async () => {
    const store = await open();
    const documents = fc.uniqueArray(fc.record({ id: text, text, key: text, value: text }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(documents, async (list) => {
        await store.reset();
        const expected = new Map<string, object>();
        for (const { id, text: data, key, value } of list) {
          const document = { id, text: data, metadata: { [`k${key}`]: value } };
          const outcome = await attempt(() => store.upsert([document]));
          const fits =
            wholeKey(id) && Buffer.byteLength(id) <= maximumIdBytes && !/\p{Surrogate}/u.test(data);
          if (outcome === "done") expected.set(id, document);
          else
            expect(outcome).toMatchObject({
              status: 422,
              message: expect.stringMatching(/must not contain|The id is too long/),
            });
          expect(outcome === "done").toBe(fits);
        }
        const stored = [];
        for await (const page of store.range()) stored.push(...page);
        expect(stored).toEqual([...expected.values()]);
        for (const [id, document] of expected) {
          expect(await store.fetch([id])).toEqual([document]);
          const prefixed = [];
          for await (const page of store.range({ prefix: id }))
            prefixed.push(...page.map((record) => record.id));
          expect(prefixed).toEqual([...expected.keys()].filter((other) => other.startsWith(id)));
        }
      }),
      { numRuns: runs },
    );
  }, 600_000);

  it("no id, prefix or namespace is taken for another one, in any command", async () => {
    const store = await open();
    await store.upsert([{ id: "a", text: "one", metadata: {} }]);
    await store.upsert([{ id: "a", text: "one", metadata: {} }], { namespace: "a" });
    await store.upsert([{ id: "\ufffd", text: "two", metadata: {} }]);
    for (const hostile of ["a\0", "a\0b", "\ud800", "\udfff", "\0"]) {
      const options = { namespace: hostile };
      const calls: (() => Promise<unknown>)[] = [
        () => store.fetch([hostile]),
        () => store.delete({ ids: [hostile] }),
        () => store.delete({ prefix: hostile }),
        () => store.range({ prefix: hostile }).next(),
        () => store.update({ id: hostile, text: "three" }),
        () => store.update({ id: "a", text: "\ud800" }),
        () => store.upsert([{ id: "b", text: "b", metadata: {} }], options),
        () => store.query({ text: "one", topK: 1 }, options),
        () => store.fetch(["a"], options),
        () => store.delete({ ids: ["a"] }, options),
        () => store.reset(options),
        () => store.deleteNamespace(hostile),
      ];
      for (const call of calls) expect(await attempt(call), String(call)).toBeInstanceOf(InvalidRequestError);
    }
    expect((await store.info()).namespaces).toEqual({ "": 2, a: 1 });
    expect((await store.fetch(["a", "\ufffd"])).map((record) => record?.text)).toEqual(["one", "two"]);
  });
});

it("a batch with one id that cannot be kept is refused whole", async () => {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  onTestFinished(() => index.close());
  const [vectors] = await index.embed(["soup"], "document");
  const record = { metadata: undefined, data: "soup", dense: undefined, sparse: vectors?.sparse };
  expect(() =>
    index.upsert("", [
      { ...record, id: "a" },
      { ...record, id: "a\0b" },
    ]),
  ).toThrow(/U\+0000/);
  expect(() => index.upsert("", [{ ...record, id: "a", metadata: '{"x":"\ud800"}' }])).toThrow(/surrogate/);
  expect(() => index.renameNamespace("", "a\0", false)).toThrow();
  expect(index.info().namespaces).toMatchObject([{ name: "", recordCount: 0 }]);
  expect(index.fetch("", ["a"], {})).toEqual([undefined]);
});

it("a body that is not UTF-8 is refused, and not mended", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const headers = { Authorization: `Bearer ${emulator.token}` };
  const body = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('","data":"x"}')]);
  const response = await fetch(`${emulator.url}/upsert-data`, { method: "POST", headers, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: "The request body is not valid UTF-8", status: 400 });
});
