import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  LocalEmbedder,
  type LocalEmbedderOptions,
  type TransformersModule,
} from "../../src/embedding/local.ts";
import {
  CancelledError,
  DataError,
  IndexMismatchError,
  NotFoundError,
  ServiceFaultError,
} from "../../src/foundation/errors.ts";
import { modelDirectory } from "../helpers/models.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const onnxFiles = { "config.json": { hidden_size: 2 }, "onnx/model.onnx": "" };

type Extract = Awaited<ReturnType<TransformersModule["pipeline"]>>;
type Tensor = Awaited<ReturnType<Extract>>;

/** A stand-in for the package whose model gives the length of a text, and 1. */
function standIn(answer: (texts: string[]) => Tensor = lengths) {
  const loads: { path: string; options: object; allowRemoteModels: boolean }[] = [];
  const runs: { texts: string[]; options: object }[] = [];
  const transformers: TransformersModule = {
    env: { allowRemoteModels: true },
    async pipeline(_, path, options) {
      loads.push({ path, options, allowRemoteModels: transformers.env.allowRemoteModels });
      return async (texts, runOptions) => {
        runs.push({ texts, options: runOptions });
        return answer(texts);
      };
    },
  };
  return { loads, runs, loadTransformers: async () => transformers };
}

function lengths(texts: string[]): Tensor {
  return { dims: [texts.length, 2], data: Float32Array.from(texts.flatMap((text) => [text.length, 1])) };
}

function embedderWith(files: Record<string, unknown>, options: Omit<LocalEmbedderOptions, "path"> = {}) {
  return new LocalEmbedder({ path: modelDirectory({ ...onnxFiles, ...files }), ...options });
}

describe("LocalEmbedder (EMB-4)", () => {
  it("takes its name from the directory, its dimension from config.json", () => {
    expect(embedderWith({})).toMatchObject({ model: "tiny-model", dimension: 2 });
    expect(embedderWith({ "config.json": { d_model: 512 } }).dimension).toBe(512);
  });

  it("loads the model once, from its path, with the network closed", async () => {
    const { loads, loadTransformers } = standIn();
    const path = modelDirectory(onnxFiles);
    const embedder = new LocalEmbedder({ path, loadTransformers });
    expect(loads).toEqual([]);
    await Promise.all([embedder.embed(["a"]), embedder.embed(["b"])]);
    expect(loads).toEqual([
      { path, options: { dtype: "fp32", local_files_only: true }, allowRemoteModels: false },
    ]);
  });

  it.each([
    [["model_quantized.onnx"], "q8"],
    [["model_q4.onnx", "model_fp16.onnx"], "fp16"],
    [["model_quantized.onnx", "model.onnx"], "fp32"],
  ])("of %j takes %s", async (files, dtype) => {
    const { loads, loadTransformers } = standIn();
    const path = modelDirectory({
      "config.json": { hidden_size: 2 },
      ...Object.fromEntries(files.map((file) => [`onnx/${file}`, ""])),
    });
    await new LocalEmbedder({ path, loadTransformers }).embed(["a"]);
    expect(loads[0]?.options).toMatchObject({ dtype });
  });

  it("embeds in batches, each vector in its text's place", async () => {
    const { runs, loadTransformers } = standIn();
    const embedder = embedderWith({}, { loadTransformers, batchSize: 2 });
    const vectors = await embedder.embed(["a", "", "bb", "ccc", " \u200b", "dddd", "eeeee"]);
    expect(runs.map(({ texts }) => texts)).toEqual([["a", "bb"], ["ccc", "dddd"], ["eeeee"]]);
    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 1],
      [0, 0],
      [2, 1],
      [3, 1],
      [0, 0],
      [4, 1],
      [5, 1],
    ]);
  });

  it.each([
    ["the mean by default", {}, {}, "mean"],
    ["what the model says", { "1_Pooling/config.json": { pooling_mode_cls_token: true } }, {}, "cls"],
    [
      "what it is told",
      { "1_Pooling/config.json": { pooling_mode_cls_token: true } },
      { pooling: "mean" },
      "mean",
    ],
  ] as const)("pools by %s", async (_, files, options, pooling) => {
    const { runs, loadTransformers } = standIn();
    await embedderWith(files, { ...options, loadTransformers }).embed(["a"]);
    expect(runs[0]?.options).toEqual({ pooling, normalize: true });
  });

  it("takes texts one at a time for the last token, which padding would hide", async () => {
    const { runs, loadTransformers } = standIn();
    const files = { "1_Pooling/config.json": { pooling_mode_lasttoken: true } };
    await embedderWith(files, { loadTransformers, normalize: false }).embed(["a", "bb"]);
    expect(runs).toEqual([
      { texts: ["a"], options: { pooling: "last_token", normalize: false } },
      { texts: ["bb"], options: { pooling: "last_token", normalize: false } },
    ]);
  });

  it("puts the model's own prompt before a query", async () => {
    const { runs, loadTransformers } = standIn();
    const files = { "config_sentence_transformers.json": { prompts: { query: "query: " } } };
    const embedder = embedderWith(files, { loadTransformers });
    await embedder.embed(["soup"], "query");
    await embedder.embed(["soup"], "document");
    expect(runs.map(({ texts }) => texts)).toEqual([["query: soup"], ["soup"]]);
  });

  it("reports how to install a missing package", async () => {
    const missing = "@ragfood/no-such-package";
    const embedder = embedderWith({}, { loadTransformers: () => import(/* @vite-ignore */ missing) });
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      name: "NotFoundError",
      message: "tiny-model needs @huggingface/transformers, which is not installed.",
      hint: "Run: ONNXRUNTIME_NODE_INSTALL=skip npm install @huggingface/transformers",
    });
  });

  it("says why the package does not load, and tries again the next time", async () => {
    const { loadTransformers } = standIn();
    let isBroken = true;
    const embedder = embedderWith(
      {},
      {
        loadTransformers: async () => {
          if (isBroken) throw new Error("no binding for this machine");
          return loadTransformers();
        },
      },
    );
    await expect(embedder.embed(["a"])).rejects.toThrow("does not load: no binding for this machine");
    isBroken = false;
    expect(await embedder.embed(["a"])).toEqual([Float32Array.of(1, 1)]);
  });

  it("reports a missing directory and a directory without a model", () => {
    const path = join(temporaryDirectory(), "nowhere");
    expect(() => new LocalEmbedder({ path })).toThrow(NotFoundError);
    expect(() => new LocalEmbedder({ path: modelDirectory({ "readme.md": "" }) })).toThrow(/holds no model/);
    expect(() => embedderWith({ "config.json": "{" })).toThrow(DataError);
    expect(() => embedderWith({ "config.json": {} })).toThrow(/does not say how long/);
    expect(() => embedderWith({ "1_Pooling/config.json": { pooling_mode_max_tokens: true } })).toThrow(
      DataError,
    );
  });

  it("reports a model that does not load", async () => {
    const loadTransformers = async (): Promise<TransformersModule> => ({
      env: { allowRemoteModels: true },
      pipeline: () => Promise.reject(new Error("Protobuf parsing failed.")),
    });
    await expect(embedderWith({}, { loadTransformers }).embed(["a"])).rejects.toThrow(
      /tiny-model cannot be loaded as an ONNX model: Protobuf parsing failed/,
    );
  });

  it("refuses another dimension than the settings say, or than the model said", async () => {
    expect(() => embedderWith({}, { dimension: 1_024 })).toThrow(IndexMismatchError);
    const { loadTransformers } = standIn(() => ({ dims: [1, 3], data: [1, 2, 3] }));
    await expect(embedderWith({}, { loadTransformers }).embed(["a"])).rejects.toThrow(IndexMismatchError);
  });

  it.each([
    ["a vector a token", { dims: [1, 5, 2], data: new Float32Array(10) }],
    ["too few vectors", { dims: [2, 2], data: new Float32Array(4) }],
    ["NaN", { dims: [1, 2], data: [Number.NaN, 1] }],
  ])("refuses %s", async (_, tensor) => {
    const { loadTransformers } = standIn(() => tensor);
    await expect(embedderWith({}, { loadTransformers }).embed(["a"])).rejects.toThrow(ServiceFaultError);
  });

  it("gives up between batches when the caller does", async () => {
    const controller = new AbortController();
    const { runs, loadTransformers } = standIn((texts) => {
      controller.abort();
      return lengths(texts);
    });
    const embedder = embedderWith({}, { loadTransformers, batchSize: 1 });
    await expect(embedder.embed(["a", "b"], "document", controller.signal)).rejects.toThrow(CancelledError);
    expect(runs).toHaveLength(1);
  });
});
