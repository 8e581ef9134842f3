import { describe, expect, it, onTestFinished } from "vitest";
import { createStore } from "../../../src/composition/application.ts";
import { checkModelDrift } from "../../../src/composition/drift.ts";
import { readSettings } from "../../../src/config/settings.ts";
import { startEmulator } from "../../../src/embedded/emulator.ts";
import type { FaultSettings } from "../../../src/embedded/fault-settings.ts";
import { defaultSettings } from "../../../src/embedded/index.ts";
import type { Embedder } from "../../../src/embedding/embedder.ts";
import { HashingEmbedder } from "../../../src/embedding/hashing.ts";
import { checkDrift } from "../../../src/operations/drift/check-drift.ts";
import { DriftError } from "../../../src/operations/drift/drift-error.ts";
import { embedderProbe } from "../../../src/operations/drift/embedder-probe.ts";
import { driftNamespace, indexProbe } from "../../../src/operations/drift/index-probe.ts";
import { DriftRepository } from "../../../src/state/drift.ts";
import { project } from "../../helpers/project.ts";
import { runHere } from "../../helpers/run-here.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { describeOnEachStore } from "../../state/contract.ts";

/** A model whose vectors can be disturbed, as a silent change of a provider's model does. */
class ChangingEmbedder implements Embedder {
  readonly model = "test-model";
  readonly dimension = 64;
  readonly #vectors = new HashingEmbedder(64);
  noise = 0;
  /** Only the first characters of a text are read. */
  limit = Number.POSITIVE_INFINITY;

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    const vectors = await this.#vectors.embed(texts.map((text) => text.slice(0, this.limit)));
    return vectors.map((vector) =>
      vector.map((value, place) => value + this.noise * Math.sin(1_000 * place)),
    );
  }
}

/** An index with a model of its own, served like a cloud index. */
async function indexWithModel(type: "DENSE" | "HYBRID", faults: Partial<FaultSettings> = {}) {
  const settings = { ...defaultSettings, type, dimension: 64, embeddingModel: "test-model" };
  const embedder = new ChangingEmbedder();
  const emulator = await startEmulator({ settings, embedders: { dense: embedder }, faults });
  onTestFinished(() => emulator.close());
  const environment = {
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
  };
  return { embedder, environment };
}

describeOnEachStore("drift of an embedding model (OPS-10)", (create) => {
  it("records at first, and then compares every vector with the recorded ones", async () => {
    const repository = new DriftRepository(await create().open());
    const embedder = new ChangingEmbedder();
    const check = () => checkDrift({ probe: embedderProbe(embedder, "ollama"), repository });
    expect(await check()).toMatchObject({ outcome: "recorded", largestChange: undefined });
    const steady = await check();
    expect(steady).toMatchObject({ outcome: "steady", changed: [] });
    expect(steady.largestChange).toBeLessThan(1e-6);
    embedder.noise = 0.000_1;
    expect(await check()).toMatchObject({ outcome: "steady" });
    embedder.noise = 0.1;
    const drifted = await check();
    expect(drifted.outcome).toBe("drifted");
    expect(drifted.sentence).toMatch(/^test-model embeds differently from \d{4}-\d{2}-\d{2}: /);
    const checks = await repository.checks({ from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(checks.map(({ outcome }) => outcome)).toEqual(["drifted", "steady", "steady", "recorded"]);
  });

  it("sees a model that reads less of a long text, by that text", async () => {
    const repository = new DriftRepository(await create().open());
    const embedder = new ChangingEmbedder();
    const check = () => checkDrift({ probe: embedderProbe(embedder, "ollama"), repository });
    await check();
    embedder.limit = 150;
    const { outcome, changed } = await check();
    expect(outcome).toBe("drifted");
    expect(changed[0]?.text).toMatch(/^Store cooked rice/);
  });

  it("keeps its baseline until it is reset, and resets only with an answer", async () => {
    const repository = new DriftRepository(await create().open());
    const embedder = new ChangingEmbedder();
    const probe = embedderProbe(embedder, "ollama");
    await checkDrift({ probe, repository });
    embedder.noise = 0.1;
    expect((await checkDrift({ probe, repository })).outcome).toBe("drifted");
    const broken = { ...probe, record: () => Promise.reject(new Error("no answer")) };
    await expect(checkDrift({ probe: broken, repository, reset: true })).rejects.toThrow("no answer");
    expect((await checkDrift({ probe, repository })).outcome).toBe("drifted");
    expect((await checkDrift({ probe, repository, reset: true })).outcome).toBe("recorded");
    expect((await checkDrift({ probe, repository })).outcome).toBe("steady");
  });
});

describeOnEachStore("drift of a model inside an index (OPS-10)", (create) => {
  async function index(type: "DENSE" | "HYBRID") {
    const { embedder, environment } = await indexWithModel(type);
    const settings = readSettings(environment);
    const state = await create().open();
    return { settings, embedder, check: () => checkModelDrift({ settings, state }) };
  }

  it.each(["DENSE", "HYBRID"] as const)("is seen by queries of the pinned texts alone: %s", async (type) => {
    const { embedder, check } = await index(type);
    expect(await check()).toMatchObject({ outcome: "recorded" });
    const steady = await check();
    expect(steady).toMatchObject({ outcome: "steady", model: "test-model" });
    embedder.noise = 0.1;
    expect(await check()).toMatchObject({ outcome: "drifted" });
  });

  it("is not called steady if the pinned records are gone", async () => {
    const { settings, check } = await index("DENSE");
    await check();
    const store = createStore(settings);
    await store.deleteNamespace(driftNamespace);
    await store.close();
    await expect(check()).rejects.toThrow(DriftError);
  });
});

it("a recording is cancelled while it waits for the index", async () => {
  const { environment } = await indexWithModel("DENSE", { indexingDelayMs: 600_000 });
  const store = createStore(readSettings(environment));
  onTestFinished(() => store.close());
  const probe = indexProbe({ store, place: "here", info: await store.info() });
  const stopping = new AbortController();
  const recording = probe.record(["a", "b"], { signal: stopping.signal });
  const isCancelled = expect(recording).rejects.toMatchObject({ code: "cancelled" });
  await expect.poll(() => store.listNamespaces()).toContain(driftNamespace);
  stopping.abort();
  await isCancelled;
});

describe("ragfood drift", () => {
  it("fails with exit code 1 when the model has drifted, and says what to do", async () => {
    const { embedder, environment } = await indexWithModel("HYBRID");
    const options = { directory: environment.RAGFOOD_DIR, environment };
    expect((await runHere(["drift"], options)).out).toContain("The baseline of test-model is recorded");
    expect(await runHere(["drift"], options)).toMatchObject({ code: 0 });
    embedder.noise = 0.1;
    const { code, out, error } = await runHere(["drift"], options);
    expect(code).toBe(1);
    expect(out).toContain("test-model embeds differently");
    expect(error).toContain("ragfood drift --reset");
    const json = await runHere(["drift", "--reset", "--json"], options);
    expect(JSON.parse(json.out)).toMatchObject({ outcome: "recorded", model: "test-model", threshold: 0.01 });
  });

  it("says that BM25 has no model", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const { code, out } = await runHere(["drift"], { directory });
    expect({ code, out }).toEqual({
      code: 0,
      out: "The index embeds by words alone (BM25): there is no model that could drift.\n",
    });
  });
});
