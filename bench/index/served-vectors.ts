import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ServedIndex } from "../soak/served-index.ts";
import { quantiles } from "./report.ts";
import { bodyOf, startChroma } from "./rivals/chroma.ts";
import { Data } from "./rivals/data.ts";
import type { Row } from "./rivals/rival.ts";

export interface ServedVectorsOptions {
  /** The directory in which Chroma is installed. */
  readonly rivals: string;
  readonly rows: number;
  readonly dimension: number;
  readonly connections: number;
  /** Of queries, for each server. */
  readonly seconds: number;
  /** Numbers of workers to compare. */
  readonly workers: readonly number[];
}

interface Side {
  readonly name: string;
  readonly times: number[];
  ingestMilliseconds: number;
  ingest(rows: readonly Row[]): Promise<void>;
  query(vector: Float32Array): Promise<void>;
  close(): Promise<void>;
}

const batchRows = 1_000;
const topK = 10;
const turns = 4;
const questionCount = 500;
const warmUpQueries = 100;
const token = "token-of-the-bench";

/** Ingest and queries by vector over HTTP, beside Chroma's server. Servers in separate processes take turns. */
export async function serveVectors(options: ServedVectorsOptions): Promise<void> {
  const { rows, dimension, seconds, connections } = options;
  const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sides: Side[] = [];
  try {
    for (const workers of options.workers)
      sides.push(await ownSide(join(directory, `${workers}`), workers, dimension, agent));
    sides.push(await chromaSide(resolve(options.rivals), join(directory, "chroma"), agent));
    const data = new Data({ source: "clustered", dimension, rowCount: rows, heldOut: questionCount });
    for (let start = 0; start < rows; start += batchRows) {
      const count = Math.min(batchRows, rows - start);
      const batch = Array.from({ length: count }, (_, place) => ({ row: start + place, ...data.next() }));
      for (const side of sides) {
        const before = performance.now();
        await side.ingest(batch);
        side.ingestMilliseconds += performance.now() - before;
      }
    }
    for (const side of sides)
      for (const question of data.heldOut.slice(0, warmUpQueries)) await side.query(question);
    for (let turn = 0; turn < turns; turn++) {
      for (const side of sides) await ask(side, data.heldOut, connections, seconds / turns);
    }
    console.log(
      `\n${rows} vectors of ${dimension} dimensions on disk, over HTTP, ${connections} connections, servers in separate processes:`,
    );
    for (const { name, times, ingestMilliseconds } of sides) {
      const rate = Math.round(times.length / seconds);
      const rowsPerSecond = Math.round((rows / ingestMilliseconds) * 1_000);
      console.log(`  ${name}: ${rate} requests/s, ${quantiles(times)}; ingest ${rowsPerSecond} rows/s`);
    }
  } finally {
    agent.destroy();
    for (const side of sides) await side.close();
    rmSync(directory, { recursive: true });
  }
}

async function ownSide(directory: string, workers: number, dimension: number, agent: Agent): Promise<Side> {
  mkdirSync(directory, { recursive: true });
  const kind = ["--type", "DENSE", "--dimension", String(dimension)];
  const server = await ServedIndex.start(directory, token, workers, kind);
  const send = (command: string, body: unknown) => post(`${server.url}/${command}`, body, agent);
  return {
    name: `ragfood, ${workers} workers`,
    times: [],
    ingestMilliseconds: 0,
    ingest: (rows) =>
      send(
        "upsert",
        rows.map(({ row, vector, metadata }) => ({ id: String(row), vector: Array.from(vector), metadata })),
      ),
    query: (vector) => send("query", { vector: Array.from(vector), topK }),
    close: () => server.stop("SIGTERM"),
  };
}

async function chromaSide(rivals: string, directory: string, agent: Agent): Promise<Side> {
  mkdirSync(directory, { recursive: true });
  const { collection, close } = await startChroma(rivals, directory);
  return {
    name: "Chroma's server (vectors ingested as base64)",
    times: [],
    ingestMilliseconds: 0,
    ingest: (rows) => post(`${collection}/add`, bodyOf(rows), agent),
    query: (vector) =>
      post(
        `${collection}/query`,
        { query_embeddings: [Array.from(vector)], n_results: topK, include: ["distances"] },
        agent,
      ),
    close,
  };
}

async function ask(
  { query, times }: Side,
  questions: readonly Float32Array[],
  connections: number,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const client = async (first: number): Promise<void> => {
    for (let round = first; performance.now() < end; round++) {
      const before = performance.now();
      await query(questions[round % questions.length] as Float32Array);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => client(place * 31)));
}

async function post(url: string, body: unknown, agent: Agent): Promise<void> {
  const request = httpRequest(url, {
    method: "POST",
    agent,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
  });
  request.end(JSON.stringify(body));
  const [response] = await once(request, "response");
  for await (const _ of response);
  if (response.statusCode >= 300) throw new Error(`${url} answered ${response.statusCode}`);
}
