import { z } from "@hono/zod-openapi";

/** The parts of records to return. */
export interface IncludeFlags {
  readonly includeMetadata?: boolean | undefined;
  readonly includeData?: boolean | undefined;
  readonly includeVectors?: boolean | undefined;
}

/** What both kinds of queries have. */
export interface Matching extends IncludeFlags {
  readonly topK: number;
  readonly filter?: string | undefined;
}

export interface RangeBody extends IncludeFlags {
  readonly cursor: string | number;
  readonly limit: number;
  readonly prefix?: string | undefined;
}

/** Clients also send flags as texts. */
const flag = z
  .union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")])
  .optional();
const includes = { includeMetadata: flag, includeData: flag, includeVectors: flag };
const matching = {
  topK: z.int().min(1).max(1_000).default(10),
  filter: z.string().optional(),
  ...includes,
};

export const rangeBody: z.ZodType<RangeBody> = z.object({
  cursor: z.union([z.string(), z.number()]).default(""),
  limit: z.int().min(1).max(1_000).default(100),
  prefix: z.string().optional(),
  ...includes,
});

export const fetchBody: z.ZodType<IncludeFlags & { readonly ids: string[] }> = z.object({
  ids: z.array(z.string()).max(1_000),
  ...includes,
});

export const queryBody: z.ZodType<Matching & { readonly vector: number[] }> = z.object({
  vector: z.array(z.number()),
  ...matching,
});

export const queryDataBody: z.ZodType<Matching & { readonly data: string }> = z.object({
  data: z.string(),
  ...matching,
});

/** An index that the data browser of a service can open. */
export interface ServedIndex {
  readonly name: string;
  readonly base: string;
  readonly access: "read";
  readonly role?: string | undefined;
}

/** The same shape as the emulator's, `DataSession`, so that one page asks both. */
export const sessionSchema: z.ZodType<{
  readonly host: "service";
  readonly indexes: readonly ServedIndex[];
}> = z
  .object({
    host: z.literal("service"),
    indexes: z.array(
      z.object({
        name: z.string(),
        base: z.string().openapi({ description: "The start of the paths of its commands" }),
        access: z.literal("read"),
        role: z
          .string()
          .openapi({ description: "If there are several stores: which part this one has" })
          .optional(),
      }),
    ),
  })
  .openapi("DataSession");
