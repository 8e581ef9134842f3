/** One pass of index.ts in a separate process: prints its duration and peak resident memory. */
import { Index } from "@upstash/vector";
import { ChromaClient } from "chromadb";
import { openMigration } from "../../dist/composition/endpoints/migration.js";
import { readSettings } from "../../dist/config/settings.js";
import { importRecords } from "../../dist/migration/import/index.js";
import { openMigrationLedger, parseEndpoint } from "../../dist/migration/run/index.js";
import { verifyRecords } from "../../dist/migration/verify/index.js";

export interface MigrationPass {
  readonly action: "import" | "export" | "verify" | "plain-loop";
  /** As the command line names the two sides. */
  readonly from: string;
  readonly to: string;
  /** Where the state of the migration is kept. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface MigrationPassResult {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly residentBytes: number;
  readonly records: number;
}

/** Records a page of the plain loop, the most that Upstash takes in one request. */
const pageSize = 1_000;

async function run({ action, from, to, directory, environment }: MigrationPass): Promise<number> {
  if (action === "plain-loop") return await plainLoop(from, environment);
  const settings = readSettings({ ...environment, RAGFOOD_DIR: directory });
  if (action === "export") {
    const [{ openSource }, { writeDump }] = await Promise.all([
      import("../../dist/composition/endpoints/migration.js"),
      import("../../dist/migration/dump/index.js"),
    ]);
    const source = await openSource(parseEndpoint(from), { settings });
    const { recordCount } = await writeDump(source.records, to);
    await source.close();
    return recordCount;
  }
  const migration = await openMigration({
    settings,
    from: parseEndpoint(from),
    to: parseEndpoint(to),
    embedding: "carried",
    name: "bench",
  });
  const target = await migration.openTarget(action === "verify" ? "read" : "write");
  try {
    const source = migration.wanted;
    if (action === "verify") {
      const { isIdentical, equalCount } = await verifyRecords({ source, target });
      if (!isIdentical) throw new Error("The two sides differ.");
      return equalCount;
    }
    const ledger = await openMigrationLedger(migration, new AbortController().signal);
    const { outcome, acknowledged, failure } = await importRecords({ source, target, ledger });
    ledger.close();
    if (outcome !== "complete") throw failure;
    return acknowledged;
  } finally {
    await target.close();
    await migration.close();
  }
}

/** What one would write in an afternoon: pages of the official Chroma client into the official Upstash client. */
async function plainLoop(from: string, environment: MigrationPass["environment"]): Promise<number> {
  const { hostname, port } = new URL(from);
  const chroma = new ChromaClient({ host: hostname, port: Number(port) });
  const collection = await chroma.getCollection({ name: "foods" });
  const index = new Index({
    url: environment.UPSTASH_VECTOR_REST_URL ?? "",
    token: environment.UPSTASH_VECTOR_REST_TOKEN ?? "",
    enableTelemetry: false,
  });
  for (let offset = 0; ; offset += pageSize) {
    const page = await collection.get({
      limit: pageSize,
      offset,
      include: ["embeddings", "documents", "metadatas"],
    });
    if (page.ids.length === 0) return offset;
    await index.upsert(
      page.ids.map((id, place) => ({
        id,
        vector: page.embeddings[place] ?? [],
        data: page.documents[place] ?? "",
        metadata: page.metadatas[place] ?? {},
      })),
    );
    if (page.ids.length < pageSize) return offset + page.ids.length;
  }
}

const began = performance.now();
const records = await run(JSON.parse(process.argv[2] ?? "") as MigrationPass);
const seconds = (performance.now() - began) / 1_000;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const result: MigrationPassResult = {
  seconds,
  processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
  residentBytes: maxRSS * 1_024,
  records,
};
console.log(JSON.stringify(result));
