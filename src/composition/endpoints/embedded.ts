import { existsSync, statSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import { EmbeddedRequester, type IndexSettings, indexFile, VectorIndex } from "../../embedded/index.ts";
import type { VectorStore } from "../../store/store.ts";
import { UpstashStore } from "../../store/upstash.ts";
import { embedderOf, embeddersFor } from "../application.ts";

export interface EmbeddedOptions {
  readonly directory: string;
  /** What the index is, or is to be made as. */
  readonly design: IndexSettings;
  readonly settings: Settings;
  /** `read` leaves the file as it is, and where there is none, opens an empty index in memory. */
  readonly access: "read" | "write";
  /** As reports name it. Default `embedded`. */
  readonly name?: string;
}

/**
 * An embedded index in a directory.
 * @throws {StorageError} when it cannot be opened
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
    // What a writer that was killed has left in the log can be read by a full connection alone.
    readOnly: access === "read" && path === file && bytesOf(`${file}-wal`) === 0,
  });
  // An index of vectors alone is asked texts by the model of the settings.
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
