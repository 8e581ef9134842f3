import { rmSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import { CancelledError } from "../../foundation/errors.ts";
import { makeTemporaryDirectory } from "../../foundation/temporary-directory.ts";
import type { OpenStore } from "../../migration/run/index.ts";
import type { RecordSource } from "../../migration/source.ts";
import { openEmbedded } from "./embedded.ts";

/** Records in one write. */
const batchSize = 1_000;

/**
 * The vectors of a source in an exact index of the source's metric, in a temporary directory: it answers queries for a
 * source that is files. Records without a dense vector are left out.
 */
export async function openReference(
  source: RecordSource,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenStore> {
  const { dimension, similarityFunction = "COSINE" } = await source.describe({ signal });
  const directory = makeTemporaryDirectory("ragfood-reference-", settings.directory);
  const store = openEmbedded({
    directory,
    design: {
      type: "DENSE",
      dimension,
      similarityFunction,
      embeddingModel: "",
      sparseEmbeddingModel: "",
    },
    settings,
    access: "write",
    name: "exact index of the files",
  });
  const close = async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for await (const records of source.records({ batchSize, signal })) {
      if (signal.aborted) throw new CancelledError();
      const dense = records.filter(({ vector }) => vector !== undefined);
      await store.upsertRecords(
        dense.map(({ sparseVector: _, ...record }) => record),
        { signal },
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { store, namespace: "", close };
}
