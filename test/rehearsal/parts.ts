import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultSettings } from "../../src/embedded/fault-settings.ts";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { type Food, toDocument } from "../../src/foods/food.ts";
import type { Side } from "../../src/state/cutover/rows.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import type { Document } from "../../src/store/document.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { HttpRequester } from "../../src/transport/http-requester.ts";
import { type ChromaServer, startChroma } from "../helpers/chroma-server.ts";
import { freePort } from "../helpers/free-port.ts";
import { startPostgres } from "../helpers/postgres.ts";
import { ServerProcess } from "./process.ts";

/** What can be killed. */
export const processNames = ["first service", "second service", "cloud", "chroma", "postgres"] as const;
export type ProcessName = (typeof processNames)[number];

export interface PartsOptions {
  /** The directory of the repository, with the built command line. */
  readonly root: string;
  /** Foods to begin with. */
  readonly foods: number;
  /** Settings of the services, beside the addresses. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Everything that takes part in a cutover. */
export interface Parts {
  /** Of the two services. */
  readonly urls: readonly string[];
  /** Clients of both stores that belong to no service. */
  readonly stores: Readonly<Record<Side, VectorStore>>;
  /** The foods to begin with. */
  readonly foods: readonly Document[];
  setFaults(faults: Partial<FaultSettings>): Promise<void>;
  kill(name: ProcessName): Promise<void>;
  start(name: ProcessName): Promise<void>;
  close(): Promise<void>;
}

const dimension = 128;
const token = "token-of-the-rehearsed-cloud";

/**
 * Starts real processes: a Chroma server with foods, `ragfood emulator` as the cloud, and two `ragfood serve` on one
 * PostgreSQL. Only the model is a stand-in: vectors are hashed words, from a server that speaks as Ollama does.
 */
export async function startParts({ root, foods, environment }: PartsOptions): Promise<Parts> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-rehearsal-"));
  const main = join(root, "dist/cli/main.js");
  const embedder = new HashingEmbedder(dimension);
  const [model, postgres] = [await startModel(embedder), await startPostgres()];
  const chromaPort = await freePort();
  let chroma: ChromaServer = await startChroma(join(directory, "chroma"), chromaPort);
  const cloudUrl = `http://127.0.0.1:${await freePort()}`;
  const index = ["--type", "DENSE", "--dimension", `${dimension}`, "--similarity", "EUCLIDEAN"];
  const cloud = new ServerProcess({
    words: [main, "emulator", "--port", new URL(cloudUrl).port, "--data", join(directory, "cloud")].concat(
      ["--token", token, "--log", "off"],
      index,
    ),
    directory,
    environment: {},
    probe: cloudUrl,
  });
  await cloud.start();
  const source = new ChromaStore({
    server: { url: chroma.url, timeoutMs: 10_000 },
    collection: "foods",
    embedder,
  });
  const target = new UpstashStore({
    name: "upstash",
    requester: new HttpRequester({ url: cloudUrl, token, timeoutMs: 10_000 }),
    embedder,
  });
  const documents = (JSON.parse(readFileSync(join(root, "data/foods.json"), "utf8")) as Food[])
    .slice(0, foods)
    .map((food) => toDocument(food));
  await source.upsert(documents);
  const services = await Promise.all(
    ["first", "second"].map(async (name) => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const own = join(directory, name);
      mkdirSync(own);
      const service = new ServerProcess({
        words: [main, "serve", "--port", new URL(url).port],
        directory: own,
        environment: {
          STORE: "chroma",
          CHROMA_URL: chroma.url,
          OLLAMA_HOST: model.url,
          VECTOR_DIMENSION: `${dimension}`,
          EMBEDDING_MODEL: embedder.model,
          GENERATOR: "extractive",
          LOG_LEVEL: "warn",
          SERVE_REQUESTS_PER_MINUTE: "0",
          STATE_URL: postgres.url,
          CUTOVER_TO: "upstash",
          UPSTASH_VECTOR_REST_URL: cloudUrl,
          UPSTASH_VECTOR_REST_TOKEN: token,
          ...environment,
        },
        probe: `${url}/healthz`,
      });
      await service.start();
      return { service, url };
    }),
  );
  const [first, second] = services.map(({ service }) => service) as [ServerProcess, ServerProcess];
  const processes: Readonly<Record<ProcessName, { kill(): Promise<void>; start(): Promise<unknown> }>> = {
    "first service": first,
    "second service": second,
    cloud,
    postgres,
    chroma: {
      kill: () => chroma.stop("SIGKILL"),
      start: async () => {
        chroma = await startChroma(chroma.directory, chromaPort);
      },
    },
  };
  return {
    urls: services.map(({ url }) => url),
    stores: { source, target },
    foods: documents,
    setFaults: async (faults) => {
      const response = await fetch(`${cloudUrl}/emulator-faults`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify(faults),
      });
      if (!response.ok) throw new Error(`The fault was refused: ${await response.text()}`);
    },
    kill: (name) => processes[name].kill(),
    start: async (name) => void (await processes[name].start()),
    close: async () => {
      await Promise.all([first.kill(), second.kill(), cloud.kill(), chroma.stop("SIGKILL")]);
      await postgres.remove();
      await model.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `/api/embed`, `/api/tags` and `/api/version` of Ollama. */
async function startModel(
  embedder: HashingEmbedder,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const answer =
      request.url === "/api/embed"
        ? {
            embeddings: (await embedder.embed(JSON.parse(body).input)).map((vector) => [...vector]),
          }
        : { models: [{ name: embedder.model }], version: "0.9.0" };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}
