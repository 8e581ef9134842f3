/**
 * How fast a verification runs, and what memory it takes: a generated source of 1,024 dimensions against an
 * embedded index on disk, both ways, carried vectors. `npm run bench:verify -- 100000`; the bar is 8,000
 * records/s. Each part is also measured separately, to show where the time is spent.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedRequester, VectorIndex } from "../../dist/embedded/index.js";
import type { RecordSource } from "../../dist/migration/source.js";
import { verifyRecords } from "../../dist/migration/verify/index.js";
import type { StoreRecord } from "../../dist/store/document.js";
import { UpstashStore } from "../../dist/store/upstash.js";
import { printMachine } from "../index/report.ts";

const count = Number(process.argv[2] ?? 20_000);
const dimension = 1_024;
const batchSize = 500;
const namespace = "foods";

const source: RecordSource = {
  name: "generated",
  describe: async () => ({
    kind: "dump",
    collection: "foods",
    recordCount: count,
    dimension,
    similarityFunction: "COSINE",
    embeddingModel: undefined,
  }),
  records,
  close: async () => {},
};

printMachine();
const directory = mkdtempSync(join(tmpdir(), "ragfood-bench-"));
const index = VectorIndex.open({
  path: join(directory, "index.db"),
  settings: {
    type: "DENSE",
    dimension,
    similarityFunction: "COSINE",
    embeddingModel: "",
    sparseEmbeddingModel: "",
  },
});
try {
  const store = new UpstashStore({
    name: "embedded",
    requester: new EmbeddedRequester(index, { typedVectors: true }),
  });
  await measure("write", async () => {
    for await (const batch of records()) await store.upsertRecords(batch, { namespace });
  });
  await measure("generate the source alone", async () => {
    for await (const _ of records());
  });
  await measure("fetch alone, vectors included", async () => {
    for await (const batch of records()) {
      const ids = batch.map(({ id }) => id);
      await store.fetch(ids, { namespace, includeVectors: true });
    }
  });
  await measure("fetch below the client and the wire format", async () => {
    for await (const batch of records()) {
      const ids = batch.map(({ id }) => id);
      index.fetch(namespace, ids, { metadata: true, data: true, vectors: true });
    }
  });
  const target = { store, namespace, embedding: "carried" } as const;
  const report = await measure("verify", () => verifyRecords({ source, target, settings: { batchSize } }));
  console.log(`identical: ${report.isIdentical}, ${report.equalCount.toLocaleString("en")} records`);
} finally {
  index.close();
  rmSync(directory, { recursive: true });
}

async function measure<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const processor = process.cpuUsage();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const rate = Math.round(count / seconds).toLocaleString("en");
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `${name.padEnd(44)} ${rate} records/s, ${((user + system) / 1e6).toFixed(1)} s of processor, ${memory} MiB resident`,
  );
  return result;
}

async function* records(): AsyncGenerator<StoreRecord[]> {
  for (let start = 0; start < count; start += batchSize) {
    yield Array.from({ length: Math.min(batchSize, count - start) }, (_, place) => record(start + place));
  }
}

/** Every source of a pass is the same. */
function record(number: number): StoreRecord {
  const vector = new Float32Array(dimension);
  let state = number + 1;
  for (let axis = 0; axis < dimension; axis++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    vector[axis] = state / 2 ** 36;
  }
  return {
    id: `food-${number}`,
    text: `Food ${number} is a soft cake of fermented rice and lentils, mild and light, eaten at breakfast.`,
    metadata: { region: "India", type: "Cake", energy: number % 400, vegan: true, diet: ["vegan"] },
    vector,
  };
}
