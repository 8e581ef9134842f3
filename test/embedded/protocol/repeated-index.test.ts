import { Index } from "@upstash/vector";
import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, startEmulator } from "../../../src/embedded/index.ts";

it("a sparse vector may name an index twice, as in the service: both values count", async () => {
  const emulator = await startEmulator({ settings: { ...defaultSettings, sparseEmbeddingModel: "" } });
  onTestFinished(() => emulator.close());
  const index = new Index({ url: emulator.url, token: emulator.token });
  const sparseVector = { indices: [1, 1, 2], values: [2, 3, 1] };
  await index.upsert({ id: "a", sparseVector });
  expect((await index.fetch(["a"], { includeVectors: true }))[0]).toMatchObject({ sparseVector });
  const [match] = await index.query({ sparseVector: { indices: [1], values: [1] }, topK: 1 });
  expect(match?.score).toBe(5);
});
