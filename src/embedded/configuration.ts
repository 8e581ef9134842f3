import { readFileSync } from "node:fs";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import type { EmulatedIndex } from "./emulator.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import { type IndexSettings, maximumDimension } from "./settings.ts";

const count = z.int().min(0);
const atLeastOne = z.int().min(1);

const faults = z.strictObject({
  latencyMs: count.optional(),
  indexingDelayMs: count.optional(),
  requestsPerSecond: count.optional(),
  dailyWrites: count.optional(),
  dailyQueries: count.optional(),
  isDown: z.boolean().optional(),
});

const limits = z.strictObject({
  batch: atLeastOne.optional(),
  topK: atLeastOne.optional(),
  sparseEntries: atLeastOne.optional(),
  metadataBytes: atLeastOne.optional(),
  dataBytes: atLeastOne.optional(),
  namespaces: atLeastOne.optional(),
  resumableQueries: atLeastOne.optional(),
});

const index = z
  .strictObject({
    path: z.string().regex(/^(\/[\w-]+)+$/, 'has to look like "/dense"'),
    type: z.enum(["DENSE", "SPARSE", "HYBRID"]),
    dimension: z.int().min(1).max(maximumDimension).optional(),
    similarityFunction: z.enum(["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]).default("COSINE"),
    embeddingModel: z.string().default(""),
    sparseEmbeddingModel: z.enum(["", "BM25"]).optional(),
    token: z.string().min(1).optional(),
    readOnlyToken: z.string().min(1).optional(),
    limits: limits.optional(),
    faults: faults.optional(),
    seed: z.string().min(1).optional(),
  })
  .refine(({ type, dimension }) => type === "SPARSE" || dimension !== undefined, {
    path: ["dimension"],
    message: "is needed by a DENSE or HYBRID index",
  })
  .refine(
    ({ type, dimension, embeddingModel }) =>
      type !== "SPARSE" || (dimension === undefined && embeddingModel === ""),
    {
      path: ["type"],
      message: "SPARSE has no dimension and no dense embedding model",
    },
  );

const configuration = z.strictObject({
  indexes: z
    .array(index)
    .min(1)
    .refine(
      (list) => new Set(list.map(({ path }) => path)).size === list.length,
      "two indexes have the same path",
    ),
});

/** Makes the models of an index from the names that its settings give. */
export type EmbedderResolver = (settings: IndexSettings) => IndexEmbedders;

/**
 * Reads which indexes an emulator shall serve, from a JSON file; docs/emulator.md describes it.
 *
 * @throws {UsageError} with every fault of the file at once
 */
export function readConfiguration(file: string, resolveEmbedders: EmbedderResolver): EmulatedIndex[] {
  const parsed = configuration.safeParse(readJson(file));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path, message }) => `  ${path.join(".") || "the file"}: ${message}`,
    );
    throw new UsageError(`${file} cannot be used:\n${lines.join("\n")}`, {
      hint: "docs/emulator.md describes the file.",
    });
  }
  return parsed.data.indexes.map((entry) => {
    const settings: IndexSettings = {
      type: entry.type,
      dimension: entry.dimension ?? 0,
      similarityFunction: entry.similarityFunction,
      embeddingModel: entry.embeddingModel,
      sparseEmbeddingModel: entry.sparseEmbeddingModel ?? (entry.type === "DENSE" ? "" : "BM25"),
    };
    return {
      path: entry.path,
      settings,
      embedders: resolveEmbedders(settings),
      ...withoutUndefined({ token: entry.token, readOnlyToken: entry.readOnlyToken, seed: entry.seed }),
      ...(entry.limits && { limits: withoutUndefined(entry.limits) }),
      ...(entry.faults && { faults: withoutUndefined(entry.faults) }),
    };
  });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "docs/emulator.md describes the file.",
    });
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
