import { existsSync, statSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import { EmbeddedRequester, type IndexSettings, indexFile, VectorIndex } from "../../embedded/index.ts";
import type { VectorStore } from "../../store/store.ts";
import { UpstashStore } from "../../store/upstash.ts";
import { embedderOf, embeddersFor } from "../application.ts";

export interface EmbeddedOptions {
  readonly directory: string;
  /** The settings of the index, or those to create it with. */
  readonly design: IndexSettings;
  readonly settings: Settings;
  /** `read` does not change the file; if it does not exist, an empty index in memory is opened. */
  readonly access: "read" | "write";
  /** The name in reports. Default `embedded`. */
  readonly name?: string;
}

/**
 * An embedded index in a directory.
 * @throws {StorageError} if it cannot be opened
 */
export function openEmbedded({
  directory,
  design,
  settings,
  access,
  name = "embedded",
}: EmbeddedOptions): VectorStore {
  const file = indexFile(directory);
  const path = access === "write" || existsSync(file) ? file : ":memory:";
  const index = VectorIndex.open({
    path,
    settings: design,
    embedders: embeddersFor(design, settings),
    // Only a writable connection recovers the log of a killed writer.
    readOnly: access === "read" && path === file && bytesOf(`${file}-wal`) === 0,
  });
  // The model of the settings embeds questions for an index that holds only vectors.
  const embedder = design.type === "DENSE" && design.embeddingModel === "" ? embedderOf(settings) : undefined;
  return new UpstashStore({
    name,
    requester: new EmbeddedRequester(index, { typedVectors: true }),
    ...(embedder && { embedder }),
    close: () => index.close(),
  });
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
