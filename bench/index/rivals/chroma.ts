import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { OpenOptions, OpenRival, Rival, Row } from "./rival.ts";

const startMilliseconds = 30_000;
const stopMilliseconds = 3_000;
const collections = "/api/v2/tenants/default_tenant/databases/default_database/collections";

export async function loadChroma(rivalsDirectory: string): Promise<Rival> {
  requireChroma(rivalsDirectory);
  return {
    note: "its server from npm, over HTTP on this machine (HNSW, its own defaults, vectors sent as base64, questions as JSON); opening includes the start of the server",
    filters: true,
    open: (options) => open(options, rivalsDirectory),
  };
}

/** Only the binding knows whether the C library of this machine is new enough. */
function requireChroma(rivalsDirectory: string): void {
  const require = createRequire(join(rivalsDirectory, "package.json"));
  if (process.platform === "linux") require(`chromadb-js-bindings-linux-${process.arch}-gnu`);
}

export interface ChromaServer {
  readonly processId: number | undefined;
  /** The URL of its one collection. */
  readonly collection: string;
  close(): Promise<void>;
}

/** Starts its server with one collection, by cosine. */
export async function startChroma(rivalsDirectory: string, directory: string): Promise<ChromaServer> {
  requireChroma(rivalsDirectory);
  const program = join(rivalsDirectory, "node_modules", "chromadb", "dist", "cli.mjs");
  const port = await freePort();
  const server = spawn(
    process.execPath,
    [program, "run", "--path", directory, "--host", "127.0.0.1", "--port", String(port)],
    { stdio: "ignore" },
  );
  const base = `http://127.0.0.1:${port}`;
  await untilUp(server, `${base}/api/v2/heartbeat`);
  const { id } = (await post(`${base}${collections}`, {
    name: "records",
    get_or_create: true,
    configuration: { hnsw: { space: "cosine" } },
  })) as { id: string };
  return {
    processId: server.pid,
    collection: `${base}${collections}/${id}`,
    close: () => stop(server),
  };
}

async function open({ directory, topK }: OpenOptions, rivalsDirectory: string): Promise<OpenRival> {
  const { processId, collection, close } = await startChroma(rivalsDirectory, directory);
  return {
    ...(processId !== undefined && { processId }),
    ingest: async (rows) => {
      await post(`${collection}/add`, bodyOf(rows));
    },
    build: async () => {},
    query: async (vector, filter) => {
      const answer = (await post(`${collection}/query`, {
        query_embeddings: [Array.from(vector)],
        n_results: topK,
        include: ["distances"],
        ...(filter && { where: { [filter.field]: filter.value } }),
      })) as { ids: string[][] };
      return (answer.ids[0] ?? []).map(Number);
    },
    upsert: async (row) => {
      await post(`${collection}/upsert`, bodyOf([row]));
    },
    close,
  };
}

/** Rows as it takes them, vectors in base64. */
export function bodyOf(rows: readonly Row[]): unknown {
  return {
    ids: rows.map(({ row }) => String(row)),
    embeddings: rows.map(({ vector }) =>
      Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64"),
    ),
    metadatas: rows.map(({ metadata }) => metadata),
  };
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`Chroma answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

async function untilUp(server: ChildProcess, url: string): Promise<void> {
  const end = performance.now() + startMilliseconds;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`Chroma's server ended with status ${server.exitCode}.`);
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    if (performance.now() > end) throw new Error("Chroma's server did not start.");
    await wait(5);
  }
}

/** Chroma's server sometimes ignores signals. SIGKILL loses no acknowledged write. */
async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, "exit");
  server.kill("SIGINT");
  const kill = setTimeout(() => server.kill("SIGKILL"), stopMilliseconds);
  await ended;
  clearTimeout(kill);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
