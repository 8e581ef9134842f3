/**
 * The import end to end: a generated source, streamed, into an embedded index on disk with carried vectors. `npm run
 * bench:import -- --records 10000,100000 --dimension 1024`. Each count runs in a separate process, which measures its
 * peak resident memory separately.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EmbeddedRequester, VectorIndex } from "../../dist/embedded/index.js";
import { importRecords } from "../../dist/migration/import/index.js";
import { Ledger } from "../../dist/migration/ledger/index.js";
import { UpstashStore } from "../../dist/store/upstash.js";
import { printMachine } from "../index/report.ts";
import { GeneratedSource } from "./generated-source.ts";

const { values: settings } = parseArgs({
  options: {
    records: { type: "string", default: "10000,100000" },
    dimension: { type: "string", default: "1024" },
    /** Measures one count in this process. */
    only: { type: "string" },
    directory: { type: "string", default: tmpdir() },
  },
});
const dimension = Number(settings.dimension);

if (settings.only === undefined) runEach(settings.records.split(","));
else await measure(Number(settings.only));

function runEach(counts: readonly string[]): void {
  for (const count of counts) {
    printMachine();
    const { status } = spawnSync(
      process.execPath,
      [
        fileURLToPath(import.meta.url),
        "--only",
        count,
        "--dimension",
        settings.dimension,
        "--directory",
        settings.directory,
      ],
      { stdio: "inherit" },
    );
    if (status !== 0) process.exit(status ?? 1);
  }
}

async function measure(count: number): Promise<void> {
  const directory = mkdtempSync(join(settings.directory, "ragfood-bench-"));
  try {
    const index = VectorIndex.open({
      path: join(directory, "index.sqlite"),
      settings: {
        type: "DENSE",
        dimension,
        similarityFunction: "COSINE",
        embeddingModel: "",
        sparseEmbeddingModel: "",
      },
    });
    const store = new UpstashStore({
      name: "embedded",
      requester: new EmbeddedRequester(index, { typedVectors: true }),
      close: () => index.close(),
    });
    const target = { store, namespace: "", embedding: "carried" } as const;
    const source = new GeneratedSource(count, dimension);
    const identity = {
      source: source.name,
      target: "bench",
      namespace: "",
      embedding: "carried",
      template: "",
    } as const;
    for (const run of ["first run", "run again"]) {
      const ledger = Ledger.open({ directory, name: "bench", identity });
      const { outcome, acknowledged, skipped, requests, milliseconds } = await importRecords({
        source,
        target,
        ledger,
      });
      ledger.close();
      const rate = Math.round(((acknowledged + skipped) / milliseconds) * 1_000);
      console.log(
        `${run}: ${outcome}, ${acknowledged} sent in ${requests} requests, ${skipped} skipped, ${(milliseconds / 1_000).toFixed(1)} s, ${rate} records/s`,
      );
    }
    console.log(
      `${count} × ${dimension}: peak of resident memory ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB`,
    );
    await store.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
