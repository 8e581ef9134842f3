import { z } from "zod";
import type { FaultSettings } from "./fault-settings.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import type { PageSource } from "./protocol/data-page.ts";
import type { RequestLog } from "./protocol/request-log.ts";
import { expected, flag, oneOf, strictObject, text, whenObject, whole } from "./schema.ts";
import { defaultLimits, type IndexLimits, maximumDimension } from "./settings.ts";

type Given<T> = { [K in keyof T]?: T[K] | undefined };

/** What a timer can wait, in milliseconds: 24 days. */
const largestTimer = 2 ** 31 - 1;

/** What one request can carry, or one process hold; far past what the service takes. */
const largestLimits: IndexLimits = {
  batch: 100_000,
  topK: 100_000,
  sparseEntries: 100_000,
  metadataBytes: 64 * 1_024 * 1_024,
  dataBytes: 64 * 1_024 * 1_024,
  namespaces: 1_000_000,
  resumableQueries: 100_000,
};

export const indexType: z.ZodType<"DENSE" | "SPARSE" | "HYBRID"> = oneOf(["DENSE", "SPARSE", "HYBRID"]);

export const similarityFunction: z.ZodType<"COSINE" | "EUCLIDEAN" | "DOT_PRODUCT"> = oneOf([
  "COSINE",
  "EUCLIDEAN",
  "DOT_PRODUCT",
]);

export const modelName: z.ZodType<string> = z.string({ error: expected('the name of a model, or ""') });

export const sparseModelName: z.ZodType<"" | "BM25"> = oneOf(["", "BM25"]);

export const faultsSchema: z.ZodType<Given<FaultSettings>> = strictObject({
  latencyMs: whole(0, largestTimer).optional(),
  indexingDelayMs: whole(0, largestTimer).optional(),
  requestsPerSecond: whole(0, largestTimer).optional(),
  dailyWrites: whole(0, largestTimer).optional(),
  dailyQueries: whole(0, largestTimer).optional(),
  isDown: flag().optional(),
  isReadOnly: flag().optional(),
});

export const limitsSchema: z.ZodType<Given<IndexLimits>> = strictObject(
  Object.fromEntries(
    Object.keys(defaultLimits).map((name) => [
      name,
      whole(1, largestLimits[name as keyof IndexLimits]).optional(),
    ]),
  ),
);

const settings = strictObject({
  type: indexType,
  dimension: whole(0, maximumDimension),
  similarityFunction,
  embeddingModel: modelName,
  sparseEmbeddingModel: sparseModelName,
})
  .refine(({ type, dimension }) => type === "SPARSE" || dimension !== 0, {
    path: ["dimension"],
    message: `has to be a whole number from 1 to ${maximumDimension} for a DENSE or HYBRID index`,
    when: whenObject,
  })
  .refine(({ type, dimension }) => type !== "SPARSE" || dimension === 0, {
    path: ["dimension"],
    message: "has to be 0 for a SPARSE index",
    when: whenObject,
  })
  .refine(({ type, embeddingModel }) => type !== "SPARSE" || embeddingModel === "", {
    path: ["embeddingModel"],
    message: 'has to be "" for a SPARSE index',
    when: whenObject,
  });

const embedders = z.custom<IndexEmbedders>(areEmbedders, {
  error: expected("an object of dense and sparse, each with a model and an embed method"),
});

function areEmbedders(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(
    ([name, embedder]) =>
      (name === "dense" || name === "sparse") &&
      (embedder === undefined ||
        (typeof embedder?.model === "string" && typeof embedder?.embed === "function")),
  );
}

/** The options of `VectorIndex.open`. */
export const indexOptionsSchema: z.ZodType = strictObject({
  path: text(),
  settings,
  embedders: embedders.optional(),
  name: z.string({ error: expected("a text") }).optional(),
  limits: limitsSchema.optional(),
  maximumBytes: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  busyTimeoutMs: whole(0, largestTimer).optional(),
  readOnly: flag().optional(),
});

const servedPath = expected('a path like "/dense"');

const servedIndex = {
  path: z
    .string({ error: servedPath })
    .regex(/^((\/[\w-]+)+)?$/, { error: servedPath })
    .optional(),
  settings: settings.optional(),
  embedders: embedders.optional(),
  token: text().optional(),
  readOnlyToken: text().optional(),
  limits: limitsSchema.optional(),
  faults: faultsSchema.optional(),
  seed: z
    .union([text(), z.array(z.record(z.string(), z.unknown()))], {
      error: expected("a file, or a list of records"),
    })
    .optional(),
};

/** The same schema, with a rule for the tokens of an index. */
export function withDistinctTokens<T extends z.ZodType<{ token?: unknown; readOnlyToken?: unknown }>>(
  index: T,
): T {
  return index.refine(({ token, readOnlyToken }) => token === undefined || token !== readOnlyToken, {
    path: ["readOnlyToken"],
    message: "has to be another one than token",
    when: whenObject,
  });
}

/** One or more indexes on one port, each with its own path. */
export function indexList<T extends z.ZodType<{ path?: unknown }>>(index: T): z.ZodType<z.output<T>[]> {
  const error = expected("a list of at least one index");
  const list: z.ZodType<z.output<T>[]> = z.array(index, { error }).min(1, { error });
  return list.refine(haveDistinctPaths, {
    message: "has two indexes of the same path",
    when: ({ value }) => Array.isArray(value),
  });
}

function haveDistinctPaths(indexes: readonly { path?: unknown }[]): boolean {
  return new Set(indexes.map((index) => index?.path ?? "")).size === indexes.length;
}

const anOrigin = expected('an origin like "https://app.example", or "*"');

/** `*`, or scheme and host without a path, as browsers send them. */
const origins: z.ZodType<string[]> = z.array(
  z.string({ error: anOrigin }).refine((text) => text === "*" || isOrigin(text), { error: anOrigin }),
  { error: expected("a list of origins") },
);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isPageSource(value: unknown): boolean {
  return typeof (value as { answer?: unknown } | null | undefined)?.answer === "function";
}

/** The options of `startEmulator`. */
export const emulatorOptionsSchema: z.ZodType = withDistinctTokens(
  strictObject({
    ...servedIndex,
    port: whole(0, 65_535).optional(),
    host: text().optional(),
    directory: text().optional(),
    indexes: indexList(withDistinctTokens(strictObject(servedIndex))).optional(),
    allowedOrigins: origins.optional(),
    log: z
      .custom<RequestLog>((value) => typeof value === "function", { error: expected("a function") })
      .optional(),
    maximumConnections: whole(1, 1_000_000).optional(),
    page: z.custom<PageSource>(isPageSource, { error: expected("files with an answer method") }).optional(),
  }).refine(
    (options) =>
      options.indexes === undefined ||
      Object.keys(servedIndex).every((name) => options[name as keyof typeof options] === undefined),
    {
      path: ["indexes"],
      message: `cannot be given beside ${Object.keys(servedIndex).join(", ")}: each index has its own`,
      when: whenObject,
    },
  ),
);
