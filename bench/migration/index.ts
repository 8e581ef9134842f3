/**
 * A migration from end to end, each pass in a separate process:
 *
 *   npm run bench:migration -- [--records 10000,100000] [--kills 50] [--chroma http://127.0.0.1:8000]
 *
 * A Chroma directory of 1,024 dimensions into an embedded index with carried vectors, into a dump and from it,
 * the verification of every record; imports that are killed; and a plain loop of the official clients from a
 * Chroma server into the same index over HTTP, beside the same by ragfood. The server is started here, unless
 * one is named that may be written to; filling it takes most of the time. `--chroma none` leaves it out.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { ChromaClient } from "chromadb";
import { startEmulator } from "../../dist/embedded/index.js";
import { ChromaDirectory } from "../../dist/migration/chroma-directory/index.js";
import { printMachine } from "../index/report.ts";
import { chromaObstacle, startChroma } from "./chroma-server.ts";
import { killRuns } from "./kill-runs.ts";
import type { MigrationPass, MigrationPassResult } from "./migration-pass.ts";

const { values: settings } = parseArgs({
  options: {
    records: { type: "string", default: "10000,100000" },
    kills: { type: "string", default: "50" },
    chroma: { type: "string" },
  },
});

const dimension = 1_024;
const execute = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

for (const count of settings.records.split(",").map(Number)) {
  const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
  try {
    await measure(count, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(count: number, directory: string): Promise<void> {
  const source = join(directory, "chroma_db");
  await execute(process.execPath, [script("./writer.js"), source, String(count)]);
  printMachine();
  const index = `embedded:${join(directory, "index")}`;
  const dump = join(directory, "dump");
  const imported = await pass("Chroma directory to embedded index", {
    action: "import",
    from: source,
    to: index,
    directory: join(directory, "first"),
  });
  await pass("verification of every record", {
    action: "verify",
    from: source,
    to: index,
    directory: join(directory, "first"),
  });
  await pass("Chroma directory to dump", { action: "export", from: source, to: dump, directory });
  await pass("dump to embedded index", {
    action: "import",
    from: `dump:${dump}`,
    to: `embedded:${join(directory, "from-dump")}`,
    directory: join(directory, "second"),
  });
  await rival(source, count, directory);
  const rounds = Number(settings.kills);
  if (rounds === 0) return;
  const typicalMs = 1_000 * imported.seconds + 500;
  const { killed, lost, extra, work } = await killRuns(source, count, rounds, directory, typicalMs);
  console.log(
    `${killed} of ${rounds} imports killed before their end: ${lost} records lost, ${extra} extra, each written ${work.toFixed(3)} times`,
  );
}

/** Beside a Chroma server that is named, or one that is started for it. */
async function rival(source: string, count: number, directory: string): Promise<void> {
  const { chroma } = settings;
  if (chroma !== undefined && chroma !== "none") return await compare(chroma, source, count, directory);
  const obstacle = chroma === "none" ? "NOT RUN: --chroma none" : chromaObstacle;
  if (obstacle !== undefined) {
    console.log(`plain loop of the official clients: ${obstacle}`);
    return;
  }
  const server = await startChroma(join(directory, "chroma-server"));
  try {
    await compare(server.url, source, count, directory);
  } finally {
    await server.stop();
  }
}

/** All into an index over HTTP, in this process, so that its time is not the loop's. */
async function compare(url: string, source: string, count: number, directory: string): Promise<void> {
  await fill(url, source);
  const shape = {
    type: "DENSE",
    dimension,
    similarityFunction: "COSINE",
    embeddingModel: "",
    sparseEmbeddingModel: "",
  } as const;
  const times: number[] = [];
  for (const [name, action, from] of [
    ["plain loop of the official clients, over HTTP", "plain-loop", url],
    ["ragfood from the same Chroma server, over HTTP", "import", `${url}#foods`],
    ["ragfood from the Chroma directory, over HTTP", "import", source],
  ] as const) {
    const emulator = await startEmulator({
      settings: shape,
      directory: join(directory, `served-${times.length}`),
    });
    const environment = {
      UPSTASH_VECTOR_REST_URL: emulator.url,
      UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    };
    const state = join(directory, `state-${times.length}`);
    const { seconds, records } = await pass(name, {
      action,
      from,
      to: "upstash",
      directory: state,
      environment,
    });
    if (records !== count) throw new Error(`${records} of ${count} records arrived.`);
    times.push(seconds);
    await emulator.close();
  }
  const [loop = 0, fromServer = 0, fromDirectory = 0] = times;
  const factor = (seconds: number) => (loop / seconds).toFixed(1);
  console.log(
    `ragfood is ${factor(fromServer)} times as fast as the plain loop from the server, ${factor(fromDirectory)} times from its directory`,
  );
}

/** The same records in a collection of the server. */
async function fill(url: string, source: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const chroma = new ChromaClient({ host: hostname, port: Number(port) });
  await chroma.deleteCollection({ name: "foods" }).catch(() => {});
  const collection = await chroma.createCollection({ name: "foods", embeddingFunction: null });
  const directory = ChromaDirectory.open(source);
  for await (const records of directory.source(directory.collection("foods")).records()) {
    await collection.add({
      ids: records.map(({ id }) => id),
      embeddings: records.map(({ vector }) => Array.from(vector ?? [])),
      documents: records.map(({ text }) => text ?? ""),
      metadatas: records.map(({ metadata }) => metadata as Record<string, string | number | boolean>),
    });
  }
  directory.close();
}

async function pass(
  name: string,
  options: Omit<MigrationPass, "environment"> & Partial<MigrationPass>,
): Promise<MigrationPassResult> {
  const job: MigrationPass = { environment: {}, ...options };
  const { stdout } = await execute(process.execPath, [script("./migration-pass.js"), JSON.stringify(job)]);
  const result = JSON.parse(stdout) as MigrationPassResult;
  const { records, seconds, processorSeconds, residentBytes } = result;
  const rate = Math.round(records / seconds).toLocaleString("en");
  const memory = `${(residentBytes / 2 ** 20).toFixed(0)} MiB resident at most`;
  console.log(
    `${name.padEnd(46)} ${records.toLocaleString("en")} records: ${rate} records/s, ${processorSeconds.toFixed(1)} s of processor, ${memory}`,
  );
  return result;
}
