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
  /** Of requests, in milliseconds. */
  readonly times: number[];
  /** That the client took to write the bodies of ingest, before they were sent. */
  writingMilliseconds: number;
  ingestMilliseconds: number;
  readonly ingest: Endpoint<readonly Row[]>;
  readonly query: Endpoint<Float32Array>;
  close(): Promise<void>;
}

/** Requests of one kind: their bodies are written first, so that the client does not take processor time from servers. */
interface Endpoint<T> {
  readonly url: string;
  bodyOf(value: T): unknown;
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
  const sides: Side[] = [];
  try {
    for (const workers of options.workers)
      sides.push(await ownSide(join(directory, `${workers}`), workers, dimension));
    sides.push(await chromaSide(resolve(options.rivals), join(directory, "chroma")));
    const data = new Data({ source: "clustered", dimension, rowCount: rows, heldOut: questionCount });
    for (let start = 0; start < rows; start += batchRows) {
      const count = Math.min(batchRows, rows - start);
      const batch = Array.from({ length: count }, (_, place) => ({ row: start + place, ...data.next() }));
      for (const side of sides) {
        const began = performance.now();
        const body = JSON.stringify(side.ingest.bodyOf(batch));
        const written = performance.now();
        await post(side.ingest.url, body);
        side.writingMilliseconds += written - began;
        side.ingestMilliseconds += performance.now() - written;
      }
    }
    const questions = new Map(
      sides.map((side) => [side, data.heldOut.map((vector) => JSON.stringify(side.query.bodyOf(vector)))]),
    );
    for (const [side, bodies] of questions)
      for (const body of bodies.slice(0, warmUpQueries)) await post(side.query.url, body);
    for (let turn = 0; turn < turns; turn++) {
      for (const [side, bodies] of questions) await ask(side, bodies, options);
    }
    console.log(
      `\n${rows} vectors of ${dimension} dimensions on disk, over HTTP, ${connections} connections, servers in separate processes:`,
    );
    for (const { name, times, writingMilliseconds, ingestMilliseconds } of sides) {
      const rate = Math.round(times.length / seconds);
      const rowsIn = (milliseconds: number) => Math.round((rows / milliseconds) * 1_000);
      console.log(
        `  ${name}: ${rate} requests/s, ${quantiles(times)}; ingest ${rowsIn(ingestMilliseconds)} rows/s, ${rowsIn(
          ingestMilliseconds + writingMilliseconds,
        )} with the client's writing of bodies`,
      );
    }
  } finally {
    for (const side of sides) await side.close();
    rmSync(directory, { recursive: true });
  }
}

async function ownSide(directory: string, workers: number, dimension: number): Promise<Side> {
  mkdirSync(directory, { recursive: true });
  const kind = ["--type", "DENSE", "--dimension", String(dimension)];
  const server = await ServedIndex.start(directory, token, workers, kind);
  return {
    name: `ragfood, ${workers} workers`,
    times: [],
    writingMilliseconds: 0,
    ingestMilliseconds: 0,
    ingest: {
      url: `${server.url}/upsert`,
      bodyOf: (rows) =>
        rows.map(({ row, vector, metadata }) => ({ id: String(row), vector: Array.from(vector), metadata })),
    },
    query: {
      url: `${server.url}/query`,
      bodyOf: (vector) => ({ vector: Array.from(vector), topK }),
    },
    close: () => server.stop("SIGTERM"),
  };
}

async function chromaSide(rivals: string, directory: string): Promise<Side> {
  mkdirSync(directory, { recursive: true });
  const { collection, close } = await startChroma(rivals, directory);
  return {
    name: "Chroma's server (vectors ingested as base64)",
    times: [],
    writingMilliseconds: 0,
    ingestMilliseconds: 0,
    ingest: { url: `${collection}/add`, bodyOf },
    query: {
      url: `${collection}/query`,
      bodyOf: (vector) => ({
        query_embeddings: [Array.from(vector)],
        n_results: topK,
        include: ["distances"],
      }),
    },
    close,
  };
}

async function ask(
  { query: { url }, times }: Side,
  bodies: readonly string[],
  { connections, seconds }: ServedVectorsOptions,
): Promise<void> {
  // Servers close connections that are idle during the turns of others.
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const end = performance.now() + (seconds / turns) * 1_000;
  const client = async (first: number): Promise<void> => {
    for (let round = first; performance.now() < end; round++) {
      const before = performance.now();
      await post(url, bodies[round % bodies.length] as string, agent);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => client(place * 31)));
  agent.destroy();
}

/** @param agent keeps connections; default: a connection for this request */
async function post(url: string, body: string, agent: Agent | false = false): Promise<void> {
  const request = httpRequest(url, {
    method: "POST",
    agent,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
  });
  request.end(body);
  const [response] = await once(request, "response");
  for await (const _ of response);
  if (response.statusCode >= 300) throw new Error(`${url} answered ${response.statusCode}`);
}
