import { defaultSettings, EmbeddedRequester, startEmulator, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";
import { storeContract, vectorContract } from "./contract.ts";

storeContract("embedded, in process", async () => {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
});

const dense = { ...defaultSettings, type: "DENSE", dimension: 3, sparseEmbeddingModel: "" } as const;

vectorContract("embedded, in process", async () => {
  const index = VectorIndex.open({ path: ":memory:", settings: dense, embedders: {} });
  return new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index, { typedVectors: true }),
    close: () => index.close(),
  });
});

storeContract("embedded, over HTTP", async () => {
  const emulator = await startEmulator();
  const requester = new HttpRequester({ url: emulator.url, token: emulator.token, timeoutMs: 10_000 });
  const store = new UpstashStore({ name: "upstash", requester });
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    await emulator.close();
  };
  return store;
});
