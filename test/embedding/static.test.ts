import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isStaticModel, StaticEmbedder } from "../../src/embedding/static.ts";
import { CancelledError, DataError, IndexMismatchError, NotFoundError } from "../../src/foundation/errors.ts";
import {
  modelDirectory,
  safetensors,
  staticModel,
  tinyRows,
  wordPieceDefinition,
} from "../helpers/models.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function failureOf(open: () => unknown): DataError {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return error as DataError;
  }
  throw new Error("It did not fail.");
}

describe("StaticEmbedder (EMB-4)", () => {
  it("takes its name from the directory, its dimension from the table", () => {
    expect(new StaticEmbedder({ path: `${staticModel()}/` })).toMatchObject({
      model: "tiny-model",
      dimension: 3,
    });
  });

  it("gives the mean of the token vectors, scaled to unit length", async () => {
    const vectors = await new StaticEmbedder({ path: staticModel() }).embed(["Tomato soup", "cake"]);
    expect(vectors[0]).toEqual(Float32Array.from([6 / Math.sqrt(40), 2 / Math.sqrt(40), 0]));
    expect(vectors[1]).toEqual(Float32Array.of(0, -0.6, 0.8));
  });

  it("gives the plain mean on request", async () => {
    const embedder = new StaticEmbedder({ path: staticModel(), normalize: false });
    expect(await embedder.embed(["tomatoes soup"])).toEqual([Float32Array.of(2, 2 / 3, 1 / 3)]);
  });

  it("passes over words that the vocabulary cannot spell", async () => {
    const [plain, strange] = await new StaticEmbedder({ path: staticModel() }).embed(["soup", "soup ☃ zzz"]);
    expect(strange).toEqual(plain);
  });

  it("gives the zero vector for a text without a token, never NaN", async () => {
    const vectors = await new StaticEmbedder({ path: staticModel() }).embed(["", "☃"]);
    expect(vectors).toEqual([new Float32Array(3), new Float32Array(3)]);
  });

  it("reads the first 512 tokens", async () => {
    const embedder = new StaticEmbedder({ path: staticModel(), normalize: false });
    const [vector] = await embedder.embed([`${"soup ".repeat(512)}${"cake ".repeat(512)}`]);
    expect(vector).toEqual(Float32Array.of(2, 2, 0));
  });

  it("gives up when the caller does", async () => {
    const embedding = new StaticEmbedder({ path: staticModel() }).embed(
      ["soup"],
      "query",
      AbortSignal.abort(),
    );
    await expect(embedding).rejects.toThrow(CancelledError);
  });

  it("refuses a model of another dimension than the settings say", () => {
    expect(() => new StaticEmbedder({ path: staticModel(), dimension: 1_024 })).toThrow(IndexMismatchError);
  });

  it("reports a missing directory", () => {
    const path = join(temporaryDirectory(), "nowhere");
    expect(() => new StaticEmbedder({ path })).toThrow(NotFoundError);
    expect(() => isStaticModel(path)).toThrow(path);
  });

  it.each([
    ["no model", {}],
    ["another tensor", { "model.safetensors": safetensors({ "encoder.weight": [[1]] }) }],
    [
      "tensors that change the table",
      { "model.safetensors": safetensors({ embeddings: [[1]], weights: [[1]] }) },
    ],
  ])("refuses a directory with %s", (_, files) => {
    const path = modelDirectory({ ...files, "tokenizer.json": wordPieceDefinition(["a"]) });
    expect(failureOf(() => new StaticEmbedder({ path })).message).toContain("holds no static model");
    expect(isStaticModel(path)).toBe(false);
  });

  it.each([
    ["a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7559264\n"],
    ["a few bytes", "abc"],
    ["a header that is no JSON", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b])],
  ])("refuses %s in place of the table", (_, content) => {
    const path = modelDirectory({ "model.safetensors": content });
    expect(failureOf(() => new StaticEmbedder({ path })).message).toContain("not a whole safetensors file");
  });

  it("refuses a table that is cut short", () => {
    const path = staticModel();
    const file = join(path, "model.safetensors");
    truncateSync(file, safetensors({ embeddings: Object.values(tinyRows) }).length - 1);
    expect(failureOf(() => new StaticEmbedder({ path })).file).toBe(file);
  });

  it("refuses a tokenizer of another kind, and leaves such a model to others", async () => {
    const path = staticModel();
    writeFileSync(join(path, "tokenizer.json"), JSON.stringify({ model: { type: "Unigram" } }));
    expect(isStaticModel(path)).toBe(false);
    await expect(new StaticEmbedder({ path }).embed(["soup"])).rejects.toThrow(
      /tokenizer\.json is not what is expected/,
    );
  });

  it("refuses a vocabulary that is larger than the table", async () => {
    const path = staticModel();
    const definition = wordPieceDefinition([...Object.keys(tinyRows), "pie"]);
    writeFileSync(join(path, "tokenizer.json"), JSON.stringify(definition));
    await expect(new StaticEmbedder({ path }).embed(["soup"])).rejects.toThrow(/"pie" as number 5/);
  });
});
