import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApplication, doctorOptions } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { IndexMismatchError, NotFoundError } from "../../src/foundation/errors.ts";
import { indexProblems } from "../../src/store/check.ts";
import type { OperationReport } from "../../src/store/policies/index.ts";
import { startServer } from "../helpers/http-server.ts";
import { staticModel, tinyRows } from "../helpers/models.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function localSettings(environment: Record<string, string>) {
  return readSettings({ EMBEDDER: "local", RAGFOOD_DIR: temporaryDirectory(), ...environment });
}

describe("an application with EMBEDDER=local (EMB-4)", () => {
  it("has a hybrid index that names its model, and finds by it", async () => {
    const application = createApplication(localSettings({ EMBEDDING_MODEL_PATH: staticModel() }));
    try {
      const { store, expectation } = application;
      await store.upsert([
        { id: "cake", text: "cake", metadata: {} },
        { id: "tomato", text: "tomato", metadata: {} },
      ]);
      const info = await store.info();
      expect(info).toMatchObject({ type: "HYBRID", dimension: 3, embeddingModel: "tiny-model" });
      expect(indexProblems(info, expectation)).toEqual([]);
      // Shares no word with either record: only the model knows that soup is nearer to tomatoes.
      expect((await store.query({ text: "soup", topK: 2 })).map(({ id }) => id)).toEqual(["tomato", "cake"]);
    } finally {
      await application.close();
    }
  });

  it("refuses an index that was made with another model", async () => {
    const RAGFOOD_DIR = temporaryDirectory();
    const first = localSettings({ RAGFOOD_DIR, EMBEDDING_MODEL_PATH: staticModel() });
    await createApplication(first).close();
    const other = localSettings({ RAGFOOD_DIR, EMBEDDING_MODEL_PATH: staticModel(tinyRows, "other-model") });
    expect(() => createApplication(other)).toThrow(IndexMismatchError);
    expect(() => createApplication(other)).toThrow(/tiny-model.*other-model/);
  });

  it("refuses a VECTOR_DIMENSION that the model does not make", () => {
    const settings = localSettings({ EMBEDDING_MODEL_PATH: staticModel(), VECTOR_DIMENSION: "1024" });
    expect(() => createApplication(settings)).toThrow(/makes vectors of 3 dimensions; the settings say 1024/);
  });

  it("leaves a missing model to the doctor's look at the index", () => {
    const options = doctorOptions(
      localSettings({ EMBEDDING_MODEL_PATH: join(temporaryDirectory(), "gone") }),
    );
    expect(() => options.openStore()).toThrow(NotFoundError);
  });

  it("sends vectors made here to a cloud index", async () => {
    const { url, received } = await startServer((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"result":"Success"}');
    });
    const { store, expectation, close } = createApplication(
      localSettings({
        EMBEDDING_MODEL_PATH: staticModel(),
        UPSTASH_VECTOR_REST_URL: url,
        UPSTASH_VECTOR_REST_TOKEN: "secret-token",
      }),
    );
    await store.upsert([{ id: "tomato", text: "tomato", metadata: {} }]);
    await close();
    expect(JSON.parse(received[0]?.body ?? "")).toEqual([
      { id: "tomato", data: "tomato", metadata: {}, vector: [1, 0, 0] },
    ]);
    expect(expectation).toMatchObject({ embedder: "local", dimension: 3 });
    const sparse = { type: "SPARSE", dimension: 0 } as Parameters<typeof indexProblems>[0];
    expect(indexProblems(sparse, expectation)[0]?.problem).toContain("EMBEDDER=local makes dense vectors");
    const wide = { type: "DENSE", dimension: 1_024 } as Parameters<typeof indexProblems>[0];
    expect(indexProblems(wide, expectation)[0]?.problem).toContain("EMBEDDING_MODEL_PATH makes 3");
  });
});

describe("an application with policies (VEC-8, SEC-4)", () => {
  it("never lets a plain value reach a store or the queue on disk", async () => {
    const directory = temporaryDirectory();
    const { url, received } = await startServer((_, response) => {
      response.writeHead(503, { "Content-Type": "application/json" }).end('{"error":"down"}');
    });
    const reports: OperationReport[] = [];
    const { store, close } = createApplication(
      readSettings({
        RAGFOOD_DIR: directory,
        UPSTASH_VECTOR_REST_URL: url,
        UPSTASH_VECTOR_REST_TOKEN: "secret-token",
        FALLBACK: "embedded",
        OUTAGE_WRITES: "queue",
        ENCRYPTION_KEYS: Buffer.alloc(32, 1).toString("base64"),
        ENCRYPTED_FIELDS: "supplier",
      }),
      { onOperation: (report) => void reports.push(report) },
    );
    let isQueued = false;
    const onQueued = () => {
      isQueued = true;
    };
    await store.upsert([{ id: "a", text: "soup", metadata: { supplier: "Quixote" } }], { onQueued });
    await close();
    expect(isQueued).toBe(true);
    const kept = readFileSync(join(directory, "state.sqlite3"), "latin1");
    expect(kept).toContain("soup");
    expect(kept).not.toContain("Quixote");
    expect(received[0]?.body).not.toContain("Quixote");
    expect(reports[0]).toMatchObject({ store: "upstash", operation: "upsert", outcome: "service" });
  });
});

it("a state that could not be opened for a write is opened for the next one", async () => {
  const RAGFOOD_DIR = temporaryDirectory();
  const state = join(RAGFOOD_DIR, "state.sqlite3");
  writeFileSync(state, "no database".repeat(1_000));
  const { store, close } = createApplication(readSettings({ RAGFOOD_DIR }));
  onTestFinished(() => close());
  const documents = [{ id: "pho", text: "a soup", metadata: {} }];
  await expect(store.upsert(documents)).rejects.toMatchObject({ code: "state" });
  rmSync(state);
  await store.upsert(documents);
  expect((await store.info()).recordCount).toBe(1);
});
