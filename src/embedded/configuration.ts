import { readFileSync } from "node:fs";
import { z } from "zod";
import { decodeText } from "../foundation/decode-text.ts";
import { UsageError } from "../foundation/errors.ts";
import { parseJson } from "../foundation/exact-json/index.ts";
import type { EmulatedIndex } from "./emulator-options.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import {
  faultsSchema,
  indexList,
  indexType,
  limitsSchema,
  modelName,
  similarityFunction,
  sparseModelName,
  withDistinctTokens,
} from "./option-schemas.ts";
import { expected, requireValid, strictObject, text, whenObject, whole, withoutUndefined } from "./schema.ts";
import { type IndexSettings, maximumDimension } from "./settings.ts";

const pathWanted = expected('a path like "/dense"');

const index = withDistinctTokens(
  strictObject({
    path: z.string({ error: pathWanted }).regex(/^(\/[\w-]+)+$/, { error: pathWanted }),
    type: indexType,
    dimension: whole(1, maximumDimension).optional(),
    similarityFunction: similarityFunction.default("COSINE"),
    embeddingModel: modelName.default(""),
    sparseEmbeddingModel: sparseModelName.optional(),
    token: text().optional(),
    readOnlyToken: text().optional(),
    limits: limitsSchema.optional(),
    faults: faultsSchema.optional(),
    seed: text().optional(),
  })
    .refine(({ type, dimension }) => (type !== "DENSE" && type !== "HYBRID") || dimension !== undefined, {
      path: ["dimension"],
      message: `is missing; a DENSE or HYBRID index needs a whole number from 1 to ${maximumDimension}`,
      when: whenObject,
    })
    .refine(({ type, dimension }) => type !== "SPARSE" || dimension === undefined, {
      path: ["dimension"],
      message: "has to be left out: a SPARSE index has no dimension",
      when: whenObject,
    })
    .refine(({ type, embeddingModel }) => type !== "SPARSE" || (embeddingModel ?? "") === "", {
      path: ["embeddingModel"],
      message: "has to be left out: a SPARSE index has no dense embedding model",
      when: whenObject,
    }),
);

const configuration = strictObject({ indexes: indexList(index) });

/** Creates the models that the settings of an index name. */
export type EmbedderResolver = (settings: IndexSettings) => IndexEmbedders;

/**
 * Reads the indexes that an emulator serves from a JSON file; docs/emulator.md describes it.
 *
 * @throws {UsageError} with every fault of the file at once
 */
export function readConfiguration(file: string, resolveEmbedders: EmbedderResolver): EmulatedIndex[] {
  const json = readJson(file);
  requireValid(configuration, json, file, "docs/emulator.md describes the file.", "the file");
  return configuration.parse(json).indexes.map((entry) => {
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
    return parseJson(decodeText(readFileSync(file)));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "docs/emulator.md describes the file.",
    });
  }
}
