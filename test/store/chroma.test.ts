import { afterAll, beforeAll, describe } from "vitest";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import { type ChromaServer, chromaObstacle, startChroma } from "../helpers/chroma-server.ts";
import { storeContract, vectorContract } from "./contract.ts";

let server: ChromaServer;
let collections = 0;

beforeAll(async () => {
  if (chromaObstacle === undefined) server = await startChroma();
});
afterAll(() => server?.close());

function chromaStore(options: Partial<ConstructorParameters<typeof ChromaStore>[0]> = {}): ChromaStore {
  return new ChromaStore({
    server: { url: server.url, timeoutMs: 10_000 },
    collection: `collection-${collections++}`,
    ...options,
  });
}

describe.skipIf(chromaObstacle !== undefined)(`Chroma ${chromaObstacle ?? ""}`, () => {
  storeContract("chroma", async () => chromaStore({ embedder: new HashingEmbedder(256) }));
  vectorContract("chroma", async () => chromaStore());
});
