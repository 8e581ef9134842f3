import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Settings } from "../../config/settings.ts";
import {
  defaultSettings,
  type IndexSettings,
  indexFile,
  readIndexSettings,
  type SimilarityFunction,
} from "../../embedded/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import { byName } from "../../foundation/own-keys.ts";
import { qualifiedName } from "../../migration/chroma-scope.ts";
import { describeChromaServer } from "../../migration/chroma-server/describe.ts";
import type { Endpoint, OpenTarget, TargetDesign } from "../../migration/run/index.ts";
import type { SourceDescription } from "../../migration/source.ts";
import type { Embedding } from "../../migration/target.ts";
import { ChromaStore } from "../../store/chroma.ts";
import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";
import {
  type ApplicationObservers,
  chromaServerOf,
  createStore,
  embeddedSettings,
  embedderOf,
} from "../application.ts";
import { outsideCutover, requireOutsideCutover } from "../outside-cutover.ts";
import { storeIdentity } from "../store-identity.ts";
import { decrypted, requireUpstash } from "./cloud.ts";
import { openEmbedded } from "./embedded.ts";
import { settingsToUse } from "./use.ts";

interface TargetOptions extends CallOptions, Pick<ApplicationObservers, "onTransportEvent"> {
  readonly settings: Settings;
  /** The collection of Chroma; default: that of the settings. */
  readonly collection?: string;
  /** Default: that of the settings. */
  readonly namespace?: string;
  /** Default: carried if the target takes the source's vectors, else the target embeds. */
  readonly embedding?: Embedding;
  /** The metric of an index that is created. Default: that of the source, so that records rank as before. */
  readonly similarity?: SimilarityFunction;
}

/** A target that can be described and opened. */
export interface PreparedTarget {
  readonly design: TargetDesign;
  /** Absent for a dump, which no cutover writes. @throws {UsageError} while a cutover of the target is under way */
  requireOutsideCutover?(): Promise<void>;
  /** @param access `read` creates nothing */
  open(access: "read" | "write"): Promise<OpenTarget>;
}

/**
 * Describes the existing target, or the target that will be created. Creates and writes nothing.
 *
 * @throws {UsageError} for a target that cannot be written to
 * @throws {ServiceError | StorageError} if it cannot be read
 */
export async function prepareTarget(
  endpoint: Endpoint,
  source: SourceDescription,
  options: TargetOptions,
): Promise<PreparedTarget> {
  switch (endpoint.kind) {
    case "embedded":
      return await prepareEmbedded(endpoint.path, source, options);
    case "upstash":
      return await prepareUpstash(source, options);
    case "chroma-directory":
      throw new UsageError("ragfood never writes to a directory of Chroma.", {
        hint: "Start a Chroma server on another directory and name its URL.",
      });
    case "chroma-server":
      return await prepareServer(endpoint, source, options);
    case "dump":
      return prepareDump(endpoint.path, source, options);
  }
}

/** A dump embeds nothing, and notes the metric of the source. */
function prepareDump(
  path: string,
  { dimension, similarityFunction }: SourceDescription,
  { embedding, similarity }: TargetOptions,
): PreparedTarget {
  if (embedding === "target") {
    throw new UsageError("A dump embeds nothing: it keeps the vectors that the source has.", {
      hint: "Leave --embed out.",
    });
  }
  if (similarity !== undefined) {
    throw new UsageError("A dump does not define a metric: it records the metric of the source.", {
      hint: "Leave --similarity out; the index that the dump is imported into has one.",
    });
  }
  const directory = resolve(path);
  return {
    design: {
      kind: "dump",
      place: directory,
      word: `dump:${directory}`,
      exists: existsSync(directory),
      info: { ...nothing, dimension, similarityFunction: similarityFunction ?? "" },
      namespace: "",
      embedding: "carried",
      directory: path,
    },
    open: async () => {
      throw new UsageError("A dump answers no queries, and takes no single records.", {
        hint: "Dumps are targets of run, plan, import and verify. ragfood migrate import --from dump:DIR imports one into an index.",
      });
    },
  };
}

const nothing: StoreInfo = {
  type: "DENSE",
  recordCount: 0,
  pendingCount: 0,
  byteSize: 0,
  dimension: 0,
  similarityFunction: "",
  embeddingModel: "",
  sparseEmbeddingModel: "",
  namespaces: byName<number>([]),
};

async function prepareUpstash(source: SourceDescription, options: TargetOptions): Promise<PreparedTarget> {
  const { settings, onTransportEvent } = options;
  const observers = onTransportEvent ? { onTransportEvent } : {};
  const { url } = requireUpstash(settings);
  const open = () => decrypted(createStore({ ...settings, store: "upstash" }, observers), settings);
  const info = await askInfo(open(), options);
  return prepared({
    place: new URL(url).href,
    word: "upstash",
    exists: true,
    info,
    source,
    options,
    use: { STORE: "upstash", UPSTASH_VECTOR_REST_URL: url },
    identity: storeIdentity("upstash", settings, url),
    open,
  });
}

/** The first write creates the collection, with the metric of the source. */
async function prepareServer(
  { url, collection: named }: Extract<Endpoint, { kind: "chroma-server" }>,
  source: SourceDescription,
  options: TargetOptions,
): Promise<PreparedTarget> {
  const { settings, embedding = "carried", similarity = source.similarityFunction } = options;
  const server = { ...chromaServerOf(settings), ...(url !== undefined && { url }) };
  const collection = named ?? options.collection ?? settings.chroma.collection;
  const chroma = { ...settings.chroma, url: server.url, collection };
  const embedder = embedderOf(settings);
  const open = () =>
    embedding === "target"
      ? createStore({ ...settings, store: "chroma", chroma })
      : new ChromaStore({
          server,
          collection,
          space: spaces[similarity ?? "COSINE"],
          dimension: source.dimension,
          ...(embedder && { embedder }),
        });
  return prepared({
    place: `${server.url} ${qualifiedName(collection, server)}`,
    word: `${server.url}#${collection}`,
    exists: (await describeChromaServer(server, options.signal ? { signal: options.signal } : {})).some(
      (other) => other.collection === collection,
    ),
    info: await askInfo(open(), options),
    source,
    options: { ...options, namespace: options.namespace ?? "", embedding },
    use: {
      STORE: "chroma",
      CHROMA_URL: server.url,
      CHROMA_COLLECTION: collection,
      ...(server.tenant !== undefined && { CHROMA_TENANT: server.tenant }),
      ...(server.database !== undefined && { CHROMA_DATABASE: server.database }),
    },
    identity: storeIdentity("chroma", { ...settings, chroma }),
    open,
  });
}

const spaces = { EUCLIDEAN: "l2", COSINE: "cosine", DOT_PRODUCT: "ip" } as const;

async function prepareEmbedded(
  path: string | undefined,
  source: SourceDescription,
  options: TargetOptions,
): Promise<PreparedTarget> {
  const { settings } = options;
  const directory = path ?? settings.directory;
  const file = indexFile(directory);
  const stored = readIndexSettings(file);
  const design = stored ?? designOf(path, source, options);
  const open = (access: "read" | "write") =>
    decrypted(openEmbedded({ directory, design, settings, access }), settings);
  const info = await askInfo(open("read"), options);
  return prepared({
    place: resolve(file),
    word: path === undefined ? "embedded" : `embedded:${resolve(path)}`,
    exists: stored !== undefined,
    info,
    source,
    options,
    use: { STORE: "embedded", RAGFOOD_DIR: path ?? settings.directory },
    identity: storeIdentity("embedded", { ...settings, directory }),
    project: { ...settings, directory },
    open,
  });
}

/** @throws {UsageError} for a metric that an existing index does not have */
function requireSimilarity({ place, exists, info }: PreparedParts, wanted: string | undefined): void {
  const { type, similarityFunction } = info;
  if (wanted === undefined || !exists || type === "SPARSE" || similarityFunction === wanted) return;
  throw new UsageError(`The index at ${place} compares by ${similarityFunction}, not by ${wanted}.`, {
    hint: "An index keeps its metric: leave --similarity out, or name another index.",
  });
}

/**
 * The index that will be created. The project's own follows the settings, so that the other commands can open it. One
 * in another directory is for carried vectors, with the metric of the source, unless it embeds.
 */
function designOf(
  path: string | undefined,
  { dimension, similarityFunction = "COSINE" }: SourceDescription,
  { settings, embedding, similarity }: TargetOptions,
): IndexSettings {
  const own = embeddedSettings(settings);
  if (path === undefined || embedding === "target" || dimension === 0) {
    return { ...own, ...(similarity && own.type !== "SPARSE" && { similarityFunction: similarity }) };
  }
  return {
    ...defaultSettings,
    type: "DENSE",
    dimension,
    similarityFunction: similarity ?? similarityFunction,
    sparseEmbeddingModel: "",
  };
}

interface PreparedParts extends Pick<TargetDesign, "place" | "word" | "exists" | "info"> {
  /** As a cutover names it. */
  readonly identity: string;
  /** The project whose cutover may be under way. Default: that of the settings. */
  readonly project?: Settings;
  readonly source: SourceDescription;
  readonly options: TargetOptions;
  /** The settings that name the place. */
  readonly use: Readonly<Record<string, string>>;
  open(access: "read" | "write"): VectorStore;
}

function prepared(parts: PreparedParts): PreparedTarget {
  const { place, word, exists, info, source, options, use, identity, open } = parts;
  requireSimilarity(parts, options.similarity);
  const { settings, namespace = settings.namespace } = options;
  const project = parts.project ?? settings;
  const embedding = options.embedding ?? (takesVectors(info, source) ? "carried" : "target");
  const toUse = settingsToUse(settings, { info, namespace, embedding, source, place: use });
  return {
    requireOutsideCutover: () => requireOutsideCutover(project, identity),
    design: { kind: "index", place, word, exists, info, namespace, embedding, settings: toUse },
    open: async (access) => {
      if (access === "write") await requireOutsideCutover(project, identity);
      const store = access === "write" ? outsideCutover(project, open(access), identity) : open(access);
      return { store, namespace, embedding, close: () => store.close() };
    },
  };
}

/** Whether the index accepts vectors of the source's kind and has no model. */
function takesVectors({ type, dimension, embeddingModel }: StoreInfo, source: SourceDescription): boolean {
  return type === "DENSE" && embeddingModel === "" && dimension === source.dimension && dimension > 0;
}

async function askInfo(store: VectorStore, { signal }: CallOptions): Promise<StoreInfo> {
  try {
    return await store.info({ signal });
  } finally {
    await store.close();
  }
}
