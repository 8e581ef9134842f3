/** One pass of dump.ts in a separate process: prints its duration and peak resident memory. */
import { fileURLToPath } from "node:url";
import { checkDump, DumpSource, writeDump } from "../../dist/migration/dump/index.js";
import type { RecordSource } from "../../dist/migration/source.js";
import type { StoreRecord } from "../../dist/store/document.js";

export interface DumpPass {
  readonly action: "write" | "read" | "check";
  readonly format: "jsonl" | "parquet";
  readonly isEncrypted: boolean;
  readonly count: number;
  readonly directory: string;
}

export interface DumpPassResult {
  readonly seconds: number;
  /** Processor time of all threads: what does not depend on what else the machine does. */
  readonly processorSeconds: number;
  readonly residentBytes: number;
  /** Of the dump, where it was written. */
  readonly byteCount: number;
}

export const dumpDimension = 1_024;
const batchSize = 1_000;
const key = { id: "bench", bytes: new Uint8Array(32).fill(7) };

/**
 * Records of 1,024 random components, about 250 characters and three fields of metadata, made as they are asked for.
 */
export function* syntheticRecords(count: number): Generator<StoreRecord[]> {
  const pool = Float32Array.from({ length: 1 << 20 }, () => (Math.random() - 0.5) * 0.1);
  for (let start = 0; start < count; start += batchSize) {
    yield Array.from({ length: Math.min(batchSize, count - start) }, (_, index) => {
      const number = start + index;
      const offset = (number * 7_919) % (pool.length - dumpDimension);
      return {
        id: `food-${number}`,
        text: `Food ${number}: ${"a dish of rice, lentils and spices from the south ".repeat(5)}`,
        metadata: { number, region: number % 2 === 0 ? "India" : "Japan", vegan: number % 3 === 0 },
        vector: pool.slice(offset, offset + dumpDimension),
      };
    });
  }
}

function syntheticSource(count: number): RecordSource {
  return {
    name: "synthetic",
    describe: async () => ({
      kind: "chroma-directory",
      collection: "synthetic",
      recordCount: count,
      dimension: dumpDimension,
      similarityFunction: "COSINE",
      embeddingModel: undefined,
    }),
    async *records() {
      yield* syntheticRecords(count);
    },
    close: async () => {},
  };
}

async function run({ action, format, isEncrypted, count, directory }: DumpPass): Promise<number> {
  const encryption = isEncrypted ? { key } : {};
  if (action === "write") {
    return (await writeDump(syntheticSource(count), directory, { format, ...encryption })).byteCount;
  }
  if (action === "check") {
    const { faults } = await checkDump(directory, encryption);
    if (faults.length > 0) throw faults[0];
    return 0;
  }
  let read = 0;
  for await (const batch of DumpSource.open(directory, encryption.key).records()) read += batch.length;
  if (read !== count) throw new Error(`${read} of ${count} records were read.`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const began = performance.now();
  const byteCount = await run(JSON.parse(process.argv[2] ?? "") as DumpPass);
  const seconds = (performance.now() - began) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const result: DumpPassResult = {
    seconds,
    processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
    residentBytes: maxRSS * 1024,
    byteCount,
  };
  console.log(JSON.stringify(result));
}
