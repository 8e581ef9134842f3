import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  defaultSettings,
  EmbeddedRequester,
  type EmulatorOptions,
  Faults,
  type IndexSettings,
  readConfiguration,
  startEmulator,
  VectorIndex,
  type VectorIndexOptions,
} from "../../src/embedded/index.ts";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { IndexMismatchError, RagfoodError, UsageError } from "../../src/foundation/errors.ts";
import { temporaryDirectory, temporaryFile } from "../helpers/temporary.ts";

/** Values that JavaScript may pass in spite of the types. */
type Anything = Record<string, unknown>;

function openFault(options: Anything | undefined): string {
  try {
    VectorIndex.open(options as unknown as VectorIndexOptions).close();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

describe("VectorIndex.open refuses", () => {
  const settings = { ...defaultSettings };
  const { dimension: _, ...withoutDimension } = settings;
  const cases: [what: string, change: Anything, message: RegExp][] = [
    ["settings that are left out", { settings: undefined }, /settings is missing; it has to be an object/],
    [
      "settings in part",
      { settings: withoutDimension },
      /settings\.dimension is missing; it has to be a whole/,
    ],
    [
      "an unknown kind",
      { settings: { ...settings, type: "GRAPH" } },
      /settings\.type has to be one of "DENSE".*\(it is "GRAPH"\)/,
    ],
    [
      "a dense index with dimension 0",
      { settings: { ...settings, type: "DENSE" } },
      /settings\.dimension .* for a DENSE or HYBRID/,
    ],
    [
      "a dimension that is too large",
      { settings: { ...settings, type: "DENSE", dimension: 6_000 } },
      /from 0 to 5376 \(it is 6000\)/,
    ],
    [
      "a sparse index with a dimension",
      { settings: { ...settings, dimension: 3 } },
      /dimension has to be 0 for a SPARSE/,
    ],
    [
      "a misspelt setting",
      { settings: { ...settings, dimenson: 3 } },
      /settings does not take dimenson; it takes type, dimension/,
    ],
    ["an unknown option", { limts: {} }, /it does not take limts; it takes path, settings/],
    ["an unknown limit", { limits: { topk: 3 } }, /limits does not take topk; it takes batch, topK/],
    [
      "a limit that is too large",
      { limits: { batch: 1e9 } },
      /limits\.batch has to be a whole number from 1 to 100000/,
    ],
    ["a limit of another type", { limits: { batch: "10" } }, /limits\.batch has to be .* \(it is "10"\)/],
    [
      "models that cannot embed",
      { embedders: { dense: {} } },
      /embedders has to be an object of dense and sparse/,
    ],
  ];

  it.each(cases)("%s, and writes nothing", (_, change, message) => {
    const directory = temporaryDirectory();
    const path = join(directory, "deep", "index.sqlite");
    expect(openFault({ path, settings, ...change })).toMatch(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("missing options, and an empty path", () => {
    expect(openFault(undefined)).toMatch(/it is missing; it has to be an object/);
    expect(openFault({ settings, path: "" })).toMatch(/path has to be a text that is not empty/);
  });

  it("all faults at once", () => {
    const faults = openFault({
      path: "",
      settings: { ...settings, type: "DENSE" },
      limits: { topK: 0 },
      more: 1,
    });
    expect(faults.split("\n")).toHaveLength(5);
  });

  it("a model that is not the one of the settings, and writes nothing", () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const embedders = { dense: new HashingEmbedder(8) };
    expect(() => VectorIndex.open({ path, settings, embedders })).toThrow(IndexMismatchError);
    expect(existsSync(path)).toBe(false);
  });
});

describe("an option that is set to undefined", () => {
  it("counts as left out", async () => {
    const options = { path: ":memory:", settings: defaultSettings };
    const limits = { batch: undefined } as unknown as Exclude<VectorIndexOptions["limits"], undefined>;
    const index = VectorIndex.open({ ...options, limits });
    onTestFinished(() => index.close());
    const faults = new Faults({ latencyMs: undefined } as never);
    const requester = new EmbeddedRequester(index, { faults });
    expect(index.limits.batch).toBe(1_000);
    expect(await requester.request({ path: ["upsert-data"], body: [{ id: "1", data: "soup" }] })).toEqual({
      result: "Success",
    });
  });
});

describe("raw text", () => {
  it("is embedded by BM25 if the settings name it, without an embedder", async () => {
    const index = VectorIndex.open({ path: ":memory:", settings: defaultSettings });
    onTestFinished(() => index.close());
    const client = new Index(new EmbeddedRequester(index));
    await client.upsert({ id: "1", data: "a cold soup" });
    expect(await client.query({ data: "soup", topK: 1 })).toEqual([expect.objectContaining({ id: "1" })]);
  });

  it("is refused by an index whose settings name no sparse model", async () => {
    const settings = { ...defaultSettings, sparseEmbeddingModel: "" };
    const index = VectorIndex.open({ path: ":memory:", settings });
    onTestFinished(() => index.close());
    expect(index.embedsText).toBe(false);
  });

  it("is refused if the dense model is not given, and the hint names it", async () => {
    const settings: IndexSettings = {
      ...defaultSettings,
      type: "DENSE",
      dimension: 2,
      embeddingModel: "my-model",
      sparseEmbeddingModel: "",
    };
    const index = VectorIndex.open({ path: ":memory:", settings });
    onTestFinished(() => index.close());
    const refused = new Index(new EmbeddedRequester(index)).query({ data: "soup", topK: 1 });
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining("Embedding data for this index is not allowed."),
      hint: expect.stringContaining("my-model"),
    });
  });
});

describe("startEmulator refuses", () => {
  const cases: [what: string, options: Anything, message: RegExp][] = [
    ["no indexes", { indexes: [] }, /indexes has to be a list of at least one index/],
    ["an unknown option", { prot: 8_079 }, /it does not take prot; it takes .*port/],
    ["a port out of range", { port: 70_000 }, /port has to be a whole number from 0 to 65535/],
    ["an unknown fault", { faults: { fire: true } }, /faults does not take fire; it takes latencyMs/],
    [
      "the second index's bad settings",
      { indexes: [{ path: "/a" }, { path: "/b", settings: {} }] },
      /indexes\[1\]\.settings\.type is missing/,
    ],
    [
      "two of one path",
      { indexes: [{ path: "/a" }, { path: "/a" }] },
      /indexes has two indexes of the same path/,
    ],
    [
      "settings of one index beside several indexes",
      { settings: defaultSettings, indexes: [{ path: "/a" }] },
      /indexes cannot be given beside/,
    ],
    ["a path without a slash", { path: "a" }, /path has to be a path like "\/dense" \(it is "a"\)/],
    [
      "one token for both",
      { token: "one-secret", readOnlyToken: "one-secret" },
      /readOnlyToken has to be another one than token$/,
    ],
    ["a path that is no text", { path: 1 }, /path has to be a path like "\/dense" \(it is 1\)/],
    ["an empty token", { token: "" }, /token has to be a text that is not empty$/],
  ];

  it.each(cases)("%s, and writes nothing", async (_, options, message) => {
    const directory = temporaryDirectory();
    const starting = startEmulator({ directory, ...options } as unknown as EmulatorOptions);
    await expect(starting).rejects.toThrow(UsageError);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.not.toThrow("one-secret");
    expect(readdirSync(directory)).toEqual([]);
  });

  it("faults that do not exist when they are set, and keeps those that were", async () => {
    const emulator = await startEmulator({ faults: { latencyMs: 1 } });
    onTestFinished(() => emulator.close());
    expect(() => emulator.setFaults({ isDonw: true } as never)).toThrow(
      /does not take isDonw; it takes latencyMs/,
    );
    expect(() => emulator.setFaults({ latencyMs: -1 })).toThrow(/latencyMs has to be a whole number from 0/);
    expect(() => new Faults({ isDown: "yes" } as never)).toThrow(
      /isDown has to be true or false \(it is "yes"\)/,
    );
  });

  it("an address that is not of this machine, and says what to choose; a port that is taken, likewise", async () => {
    const hintOf = async (options: EmulatorOptions) => {
      const error: unknown = await startEmulator(options).catch((thrown) => thrown);
      return error instanceof RagfoodError ? error.hint : undefined;
    };
    expect(await hintOf({ host: "192.0.2.1" })).toMatch(/--host/);
    expect(await hintOf({ host: "no-such-host.invalid" })).toMatch(/--host/);
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    expect(await hintOf({ port: Number(new URL(emulator.url).port) })).toMatch(/--port/);
  });
});

it("a configuration file may start with a byte order mark, as Windows editors write it", () => {
  const file = temporaryFile('\uFEFF{"indexes":[{"path":"/food","type":"SPARSE"}]}', "indexes.json");
  expect(readConfiguration(file, () => ({}))).toMatchObject([{ path: "/food" }]);
});
