import { describe, expect, it } from "vitest";
import { examinePair, type FitOptions, requireFitting } from "../../src/cutover/pair-fit.ts";
import { defaultSettings } from "../../src/embedded/index.ts";
import { IndexMismatchError } from "../../src/foundation/errors.ts";
import { ForwardingStore } from "../../src/store/policies/forwarding-store.ts";
import type { StoreInfo, VectorStore } from "../../src/store/store.ts";
import { denseSettings, memoryStore } from "../store/policies/stores.ts";

/** A store that reports other facts than those of the index behind it. */
class ReportingStore extends ForwardingStore {
  readonly #facts: Partial<StoreInfo>;

  constructor(store: VectorStore, facts: Partial<StoreInfo>) {
    super(store);
    this.#facts = facts;
  }

  override async info(...values: Parameters<VectorStore["info"]>): Promise<StoreInfo> {
    return { ...(await super.info(...values)), ...this.#facts };
  }
}

const dense = (facts: Partial<StoreInfo> = {}) => new ReportingStore(memoryStore(denseSettings), facts);
const sparse = (facts: Partial<StoreInfo> = {}) => new ReportingStore(memoryStore(defaultSettings), facts);

async function problems(
  source: VectorStore,
  target: VectorStore,
  options: Partial<FitOptions> = {},
): Promise<string> {
  const fit = await examinePair({ source, target }, { copy: "vectors", targetEmbeds: false, ...options });
  return fit.problems.map(({ problem, hint }) => `${problem} ${hint}`).join(" ");
}

describe("the two stores of a cutover fit together (VEC-1, CUT-1)", () => {
  it("if vectors of one kind and length are copied, or texts to an index with its own model", async () => {
    expect(await problems(dense(), dense())).toBe("");
    expect(await problems(sparse(), sparse())).toBe("");
    const chroma = dense({ dimension: 1_024 });
    const own = dense({
      dimension: 768,
      similarityFunction: "DOT_PRODUCT",
      embeddingModel: "BGE_BASE_EN_V1_5",
    });
    expect(await problems(chroma, own, { copy: "text", targetEmbeds: true })).toBe("");
    // A Chroma collection without records has no dimension yet.
    expect(await problems(dense({ dimension: 0 }), dense({ dimension: 1_024 }))).toBe("");
  });

  it("but not if the dimension or the kind of the vectors differs", async () => {
    expect(await problems(dense({ dimension: 1_024 }), dense({ dimension: 768 }))).toMatch(
      /have 1,024 dimensions, and the target takes 768.*Create a target with 1,024 .*CUTOVER_COPY=text/,
    );
    expect(await problems(sparse(), dense())).toMatch(/holds SPARSE vectors, and the target is DENSE/);
  });

  it("but not if texts are copied to an index without a model", async () => {
    expect(await problems(dense(), dense(), { copy: "text", targetEmbeds: true })).toMatch(
      /has no embedding model.*CUTOVER_COPY=vectors/,
    );
    const half = dense({ type: "HYBRID", embeddingModel: "BGE_M3", sparseEmbeddingModel: "" });
    expect(await problems(dense(), half, { copy: "text", targetEmbeds: true })).toMatch(
      /no model of sparse vectors/,
    );
  });

  it("but not if the target embeds questions with another model than that of the copied vectors", async () => {
    const [left, right] = [
      dense({ embeddingModel: "BAAI/bge-m3" }),
      dense({ embeddingModel: "BGE_LARGE_EN_V1_5" }),
    ];
    expect(await problems(left, right, { targetEmbeds: true })).toMatch(
      /cannot be compared.*CUTOVER_COPY=text/,
    );
    expect(await problems(left, right)).toBe("");
    expect(await problems(left, dense({ embeddingModel: "BGE_M3" }), { targetEmbeds: true })).toBe("");
    const others = sparse({ sparseEmbeddingModel: "BGE_M3" });
    expect(await problems(sparse(), others)).toMatch(/of BM25, and the target embeds questions with BGE_M3/);
  });

  it("with another metric only if every vector has one length, or the operator accepts other ranks", async () => {
    const source = dense({ similarityFunction: "EUCLIDEAN" });
    await source.upsertRecords([
      { id: "a", vector: [0, 3, 4] },
      { id: "b", vector: [5, 0, 0] },
    ]);
    expect(await problems(source, dense())).toBe("");
    // Also in another namespace than the first one.
    await source.upsertRecords([{ id: "c", vector: [1, 0, 0] }], { namespace: "other" });
    const fit = await examinePair({ source, target: dense() }, { copy: "vectors", targetEmbeds: false });
    expect(() => requireFitting(fit)).toThrow(IndexMismatchError);
    expect(() => requireFitting(fit)).toThrow(/EUCLIDEAN, the target by COSINE.*Nothing was changed/);
    expect(() => requireFitting(fit, true)).not.toThrow();
  });
});
