import { cpSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Index } from "@upstash/vector";
import { onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { type Received, startServer } from "../helpers/http-server.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore, recordOf } from "../migration/chroma-directory/stores.ts";

/** A project with a directory `chroma_db` of this many records of 4 dimensions, nine in ten in HNSW files. */
export function chromaProject(count: number): string {
  const directory = temporaryDirectory();
  const path = makeStore("1.3", (collection, store) => {
    const add = (first: number, end: number) =>
      store.transaction(() => {
        for (let number = first; number < end; number++)
          collection.apply("add", { ...recordOf(number), vector: vectorOf(number) });
      });
    add(0, Math.floor(count * 0.9));
    store.transaction(() => collection.sync());
    add(Math.floor(count * 0.9), count);
  });
  cpSync(path, join(directory, "chroma_db"), { recursive: true });
  return directory;
}

/** Directions that hardly repeat, and lengths from 1 to 5. */
function vectorOf(number: number): Float32Array {
  return Float32Array.from(
    { length: 4 },
    (_, place) => Math.sin(number * 3 + place * 5) * (1 + (number % 5)),
  );
}

/** An index as Upstash serves it, for vectors of 4 dimensions, with the environment that names it. */
export async function startIndex(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator({
    settings: {
      type: "DENSE",
      dimension: 4,
      similarityFunction: "EUCLIDEAN",
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
    ...options,
  });
  onTestFinished(() => emulator.close());
  const client = new Index({ url: emulator.url, token: emulator.token, enableTelemetry: false });
  const count = async () => (await client.info()).vectorCount;
  return { ...emulator, client, count, environment: environmentOf(emulator.url, emulator.token) };
}

export function environmentOf(url: string, token: string): Record<string, string> {
  return { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: token };
}

/** A way to a server on which every fifth request is lost: one half before it arrives, the other its answer. */
export async function lossyWay(url: string): Promise<{ url: string; lost: () => number }> {
  let count = 0;
  let lost = 0;
  const server = await startServer(async (request, response) => {
    const turn = ++count % 10;
    const fail = () => {
      lost++;
      return answer(response, 503, '{"error":"try later","status":503}');
    };
    if (turn === 3) return fail();
    const { status, text } = await forward(request, url);
    return turn === 7 ? fail() : answer(response, status, text);
  });
  return { url: server.url, lost: () => lost };
}

/** A way to a server on which no write but the first arrives, until it is opened. */
export async function blockedWay(url: string): Promise<{ url: string; open: () => void }> {
  let isOpen = false;
  let writes = 0;
  const server = await startServer(async (request, response) => {
    if (request.url.startsWith("/upsert") && ++writes > 1 && !isOpen) return;
    const { status, text } = await forward(request, url);
    return answer(response, status, text);
  });
  return {
    url: server.url,
    open: () => {
      isOpen = true;
    },
  };
}

/** The URL of a way to a server on which each write takes a second. */
export async function slowWay(url: string): Promise<string> {
  const server = await startServer(async (request, response) => {
    if (request.url.startsWith("/upsert")) await delay(1_000);
    const { status, text } = await forward(request, url);
    return answer(response, status, text);
  });
  return server.url;
}

async function forward({ method, url: path, headers, body }: Received, url: string) {
  const answered = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: headers.authorization ?? "", "content-type": "application/json" },
    ...(body !== "" && { body }),
  });
  return { status: answered.status, text: await answered.text() };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(text);
}

/** The lines of `--json`, each parsed. */
export function eventsOf(out: string): Record<string, unknown>[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
