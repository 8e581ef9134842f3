import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedSettings } from "../application.ts";
import type { Settings } from "../config/settings.ts";
import { CancelledError } from "../errors.ts";
import type { OpenStore } from "../migration/run/index.ts";
import type { RecordSource } from "../migration/source.ts";
import { openEmbedded } from "./embedded.ts";

/** Records a write. */
const batchSize = 1_000;

/**
 * The vectors of a source in an exact index of the source's metric, in a temporary directory: what a source
 * that is files would answer, had it a server. Where the settings have a model of its dimension, it is asked by
 * texts too.
 */
export async function openReference(
  source: RecordSource,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenStore> {
  const { dimension, similarityFunction = "COSINE" } = await source.describe({ signal });
  const own = embeddedSettings(settings);
  const directory = mkdtempSync(join(tmpdir(), "ragfood-reference-"));
  const store = openEmbedded({
    directory,
    design: {
      type: "DENSE",
      dimension,
      similarityFunction,
      embeddingModel: own.dimension === dimension ? own.embeddingModel : "",
      sparseEmbeddingModel: "",
    },
    settings,
    access: "write",
  });
  const close = async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for await (const records of source.records({ batchSize, signal })) {
      if (signal.aborted) throw new CancelledError();
      await store.upsertRecords(records, { signal });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { store, namespace: "", close };
}
