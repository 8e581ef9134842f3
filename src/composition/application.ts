import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { indexFile } from "../embedded/index.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { Catalogs } from "../rag/catalog/catalogs.ts";
import { ChangedRecords } from "../rag/catalog/changed-records.ts";
import { RagEngine } from "../rag/engine.ts";
import { ExtractiveGenerator } from "../rag/extractive-generator.ts";
import type { Generator } from "../rag/generator.ts";
import { OllamaGenerator } from "../rag/ollama-generator.ts";
import { OpenAiGenerator } from "../rag/openai-generator.ts";
import { defaultDenseWeight } from "../rag/retrieval/hybrid.ts";
import type { IndexExpectation } from "../store/check.ts";
import {
  carriedIndex,
  expectationOf,
  ollamaConnection,
  openAiConnection,
  withEmbedder,
} from "./embedders.ts";
import type { ApplicationObservers } from "./observers.ts";
import { openStores, type Stores } from "./stores.ts";
import { WatchedGenerator } from "./watched-generator.ts";

export { doctorOptions } from "./doctor.ts";
export { embeddedSettings, embedderOf, embeddersFor, embeddingModelOf } from "./embedders.ts";
export type { ApplicationObservers } from "./observers.ts";
export { chromaServerOf, createStore, missingIndex, openSecondaryStore } from "./single-stores.ts";
export { encryptionOptions, ingestStateFile } from "./stores.ts";

/** The application that the settings describe. Only this file assembles its parts. */
export interface Application extends Stores {
  readonly settings: Settings;
  readonly engine: RagEngine;
  /** What the settings require of the index. */
  readonly expectation: IndexExpectation;
  close(): Promise<void>;
}

export interface ApplicationOptions extends ApplicationObservers {
  /** Makes the vectors of texts and questions, instead of the embedder that the settings name. */
  readonly embedder?: Embedder | undefined;
}

/**
 * @throws {StorageError} if the embedded index cannot be opened
 * @throws {IndexMismatchError} if it was created with other settings, or the model of another embedder
 */
export function createApplication(given: Settings, options: ApplicationOptions = {}): Application {
  const { embedder, ...observers } = options;
  const settings = embedder ? withEmbedder(given, embedder) : given;
  const changes = settings.store === "embedded" ? new ChangedRecords() : undefined;
  const { store, primary, secondary, sides, routed, outbox } = openStores(settings, {
    ...observers,
    ...(changes && { changes }),
  });
  return {
    settings,
    store,
    primary,
    secondary,
    sides,
    ...(routed && { routed }),
    ...(outbox && { outbox }),
    engine: new RagEngine({
      store,
      generators: generatorsFor(settings, observers),
      topK: settings.topK,
      catalogs: new Catalogs({
        store,
        ...catalogOptions(settings),
        ...(changes && { changes }),
        ...(observers.onLearning && { onProgress: observers.onLearning }),
      }),
      namespace: settings.namespace,
      ...rankingOf(settings),
      hidesFaults: observers.hidesFaults ?? false,
      ...(observers.startSpan && { startSpan: observers.startSpan }),
      ...(settings.minimumScore !== undefined && { minimumScore: settings.minimumScore }),
      // MIN_SCORE does not fit the scores of the embedded index.
      ...(settings.fallback?.store === "embedded" && {
        fallbackRelevance: { isLexical: settings.embedder === "index" },
      }),
    }),
    expectation: expectationOf(settings),
    close: () => store.close(),
  };
}

/** The embedded index ranks by words, with a model also by vectors, and with carried vectors only by them. */
function rankingOf(settings: Settings): { isLexical: boolean; denseWeight?: number } {
  if (settings.store !== "embedded" || settings.embedder === "index") {
    return { isLexical: settings.store === "embedded" };
  }
  return carriedIndex(settings) === undefined
    ? { isLexical: true, denseWeight: defaultDenseWeight }
    : { isLexical: false };
}

/** Removes the catalogs of an index that is encrypted now: they hold values of its fields. */
export function removePlainCatalogs(settings: Settings): void {
  rmSync(catalogDirectory(settings), { recursive: true, force: true });
}

function catalogDirectory({ directory }: Settings): string {
  return join(directory, "catalogs");
}

/** Catalogs are stored beside the index, unless texts must not be on disk unencrypted. */
function catalogOptions(settings: Settings): { directory?: string; stamp?: () => string | undefined } {
  const file = indexFile(settings.directory);
  return {
    ...(settings.encryption === undefined && { directory: catalogDirectory(settings) }),
    ...(settings.store === "embedded" && { stamp: () => fileStamp([file, `${file}-wal`]) }),
  };
}

/** Changes with every write to one of the files. */
function fileStamp(files: readonly string[]): string | undefined {
  const stamps = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats && stats.size > 0 ? `${stats.size} ${stats.mtimeMs}` : "";
  });
  return stamps.join(" ");
}

function generatorsFor(settings: Settings, { onModel }: ApplicationObservers): Generator[] {
  const { model } = settings;
  const ollama = new WatchedGenerator(
    new OllamaGenerator({ connection: ollamaConnection(settings), model }),
    onModel,
  );
  const extractive = new ExtractiveGenerator();
  const openai = new WatchedGenerator(
    new OpenAiGenerator({ connection: openAiConnection(settings), model }),
    onModel,
  );
  return {
    auto: [ollama, extractive],
    ollama: [ollama],
    openai: [openai],
    extractive: [extractive],
  }[settings.generator];
}
