/**
 * The index as its users meet it: `npm run bench:served`. The official client in process on a thousand
 * records, BM25 and hybrid on many texts, and the served index under 16 connections.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Index } from "@upstash/vector";
import {
  defaultSettings,
  EmbeddedRequester,
  type IndexSettings,
  VectorIndex,
} from "../../dist/embedded/index.js";
import { bm25 } from "../../dist/embedding/bm25.js";
import { HashingEmbedder } from "../../dist/embedding/hashing.js";
import { ServedIndex } from "../soak/served-index.ts";
import { printMachine, quantiles } from "./report.ts";
import { serveVectors } from "./served-vectors.ts";
import { words } from "./texts.ts";

const { values: settings } = parseArgs({
  options: {
    texts: { type: "string", default: "100000" },
    queries: { type: "string", default: "1000" },
    connections: { type: "string", default: "16" },
    seconds: { type: "string", default: "10" },
    /** Numbers of workers to compare: `--workers 1,2`. */
    workers: { type: "string", default: "1" },
    /** A directory in which Chroma is installed (rivals.ts prints how): its server is compared too. */
    rivals: { type: "string", default: "" },
    rows: { type: "string", default: "100000" },
    dimension: { type: "string", default: "1024" },
    /** Skips the texts. */
    "vectors-only": { type: "boolean", default: false },
  },
});
const textCount = Number(settings.texts);
const queryCount = Number(settings.queries);
const connections = Number(settings.connections);
const batchSize = 500;
const wordsPerText = 66;
const hybridDimension = 64;
/** Turns that each number of workers gets. */
const turns = 4;

printMachine();
if (!settings["vectors-only"]) {
  await inProcess(1_000, defaultSettings, "1,000 texts, BM25");
  await inProcess(textCount, defaultSettings, `${textCount} texts, BM25`);
  await inProcess(
    textCount,
    {
      ...defaultSettings,
      type: "HYBRID",
      dimension: hybridDimension,
      embeddingModel: `TEST_HASHING_${hybridDimension}`,
    },
    `${textCount} texts, hybrid (${hybridDimension} dimensions)`,
  );
  await overHttp();
}
if (settings.rivals !== "") {
  await serveVectors({
    rivals: settings.rivals,
    rows: Number(settings.rows),
    dimension: Number(settings.dimension),
    connections,
    seconds: Number(settings.seconds),
    workers: settings.workers.split(",").map(Number),
  });
}

async function fill(index: Index, count: number): Promise<string[]> {
  const word = words(1);
  const questions: string[] = [];
  for (let start = 0; start < count; start += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, count - start) }, (_, place) => {
      const text = Array.from({ length: wordsPerText }, word);
      if (questions.length < queryCount && place % 7 === 0) questions.push(text.slice(10, 16).join(" "));
      return { id: `${start + place}`, data: text.join(" "), metadata: { group: (start + place) % 10 } };
    });
    await index.upsert(batch);
  }
  return questions;
}

async function inProcess(count: number, indexSettings: IndexSettings, label: string): Promise<void> {
  const embedders = {
    sparse: bm25,
    ...(indexSettings.type === "HYBRID" && { dense: new HashingEmbedder(indexSettings.dimension) }),
  };
  const vectorIndex = VectorIndex.open({ path: ":memory:", settings: indexSettings, embedders });
  const index = new Index(new EmbeddedRequester(vectorIndex));
  const started = performance.now();
  const questions = await fill(index, count);
  const ingestSeconds = (performance.now() - started) / 1_000;
  console.log(
    `\n${label}, official client in process: ingest ${Math.round(count / ingestSeconds)} texts/s, embedding included`,
  );
  for (const filter of ["", "group = 3"]) {
    const times: number[] = [];
    for (let round = 0; round < queryCount; round++) {
      const before = performance.now();
      await index.query({
        data: questions[round % questions.length] as string,
        topK: 10,
        weightingStrategy: "IDF" as never,
        includeMetadata: true,
        filter,
      });
      times.push(performance.now() - before);
    }
    console.log(
      `  query${filter === "" ? "" : `, ${filter}`}: ${quantiles(times.slice(Math.min(100, queryCount / 10)))}`,
    );
  }
  vectorIndex.close();
}

interface Side {
  readonly workers: number;
  readonly server: ServedIndex;
  readonly times: number[];
}

/** Servers in separate processes, like `ragfood emulator`, with one index on disk; they take turns. */
async function overHttp(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
  const sides: Side[] = [];
  try {
    for (const workers of settings.workers.split(",").map(Number)) {
      const server = await ServedIndex.start(directory, "token-of-the-bench", workers);
      sides.push({ workers, server, times: [] });
    }
    const [{ url, token }] = sides.map(({ server }) => server) as [ServedIndex];
    const questions = await fill(new Index({ url, token, enableTelemetry: false }), textCount);
    const seconds = Number(settings.seconds) / turns;
    for (let turn = 0; turn < turns; turn++) {
      for (const { server, times } of sides) times.push(...(await askOver(server, questions, seconds)));
    }
    console.log(
      `\n${textCount} texts on disk, over HTTP, ${connections} connections, servers in separate processes:`,
    );
    for (const { workers, server, times } of sides) {
      const rate = Math.round(times.length / Number(settings.seconds));
      const megabytes = Math.round(server.residentBytes() / 1_000_000);
      console.log(`  ${workers} workers: ${rate} requests/s, ${quantiles(times)}, ${megabytes} MB resident`);
    }
  } finally {
    for (const { server } of sides) await server.stop("SIGTERM");
    rmSync(directory, { recursive: true });
  }
}

/** Milliseconds of every request. */
async function askOver(
  { url, token }: ServedIndex,
  questions: readonly string[],
  seconds: number,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const ask = async (worker: number): Promise<void> => {
    for (let round = worker; performance.now() < end; round++) {
      const before = performance.now();
      const body = JSON.stringify({
        data: questions[round % questions.length],
        topK: 10,
        weightingStrategy: "IDF",
        includeMetadata: true,
      });
      const request = httpRequest(`${url}/query-data`, {
        method: "POST",
        agent,
        headers: { Authorization: `Bearer ${token}` },
      });
      request.end(body);
      const [response] = await once(request, "response");
      for await (const _ of response);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, worker) => ask(worker)));
  agent.destroy();
  return times;
}
