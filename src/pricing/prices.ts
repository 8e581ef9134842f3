import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { decodeText } from "../foundation/decode-text.ts";
import { DataError } from "../foundation/errors.ts";
import { parseJson } from "../foundation/exact-json/index.ts";

/** Names of the plans of Upstash Vector, cheapest first. */
export const planNames = ["free", "pay-as-you-go", "fixed", "pro"] as const;

export type PlanName = (typeof planNames)[number];

/** Highest values that a plan allows; Infinity without a limit. */
export interface PlanLimits {
  /** Records times dimension, of a whole index. */
  readonly components: number;
  readonly dimension: number;
  readonly namespaces: number;
  /** Texts and metadata of a whole index, bytes. */
  readonly contentBytes: number;
  /** Queries, fetches and pages of ranges in a day. */
  readonly dailyQueries: number;
  /** Records upserted or deleted in a day. */
  readonly dailyUpdates: number;
}

/** A plan of Upstash Vector. Prices are in US dollars. */
export interface Plan {
  readonly name: PlanName;
  /** A month, independent of use; `undefined` if it is negotiated. */
  readonly month: number | undefined;
  readonly per100000Requests: number;
  /** For a gigabyte (2^30 bytes) that is stored, a month. */
  readonly perGigabyteMonth: number;
  readonly bandwidth: { readonly freeGigabytesMonth: number; readonly perGigabyte: number };
  readonly limits: PlanLimits;
}

/** What a Chroma server needs, as its makers measured it. */
export interface ChromaPrices {
  /** Vector components (records times dimension) that fit into a gigabyte of memory. */
  readonly componentsPerGigabyte: number;
  /** Gigabytes of memory for everything else on the machine. */
  readonly systemGigabytes: number;
  /** Bytes on disk for a byte of texts and metadata. */
  readonly diskPerContent: number;
  /** Smallest first. */
  readonly machines: readonly {
    readonly name: string;
    readonly memoryGigabytes: number;
    readonly month: number;
  }[];
}

export interface PriceSource {
  readonly what: string;
  readonly url: string;
  /** The day of the source, if known. */
  readonly date?: string | undefined;
  readonly text?: string | undefined;
  readonly note?: string | undefined;
}

export interface Prices {
  /** The day of the oldest price, `YYYY-MM-DD`. */
  readonly date: string;
  readonly sources: readonly PriceSource[];
  readonly upstash: { readonly plans: readonly Plan[] };
  readonly chroma: ChromaPrices;
}

/** The unit of all prices and limits here. */
export const bytesPerGigabyte: number = 1024 ** 3;

/** Prices that come with the package. */
const shippedPrices: string = fileURLToPath(new URL("../../data/prices.json", import.meta.url));

const amount = z.number().min(0);
/** JSON has no Infinity. */
const limit = amount.nullable().transform((value) => value ?? Number.POSITIVE_INFINITY);

const planSchema = z
  .object({
    name: z.enum(planNames),
    month: amount.nullable(),
    per100000Requests: amount,
    perGigabyteMonth: amount,
    bandwidth: z.object({ freeGigabytesMonth: limit, perGigabyte: amount }),
    limits: z.object({
      components: limit,
      dimension: limit,
      namespaces: limit,
      contentGigabytes: limit,
      dailyQueries: limit,
      dailyUpdates: limit,
    }),
  })
  .transform(({ month, limits: { contentGigabytes, ...limits }, ...plan }) => ({
    ...plan,
    month: month ?? undefined,
    limits: { ...limits, contentBytes: contentGigabytes * bytesPerGigabyte },
  }));

const pricesSchema = z.object({
  date: z.iso.date(),
  sources: z
    .array(
      z.object({
        what: z.string(),
        url: z.url(),
        date: z.iso.date().optional(),
        text: z.url().optional(),
        note: z.string().optional(),
      }),
    )
    .min(1),
  upstash: z.object({ plans: z.array(planSchema).min(1) }),
  chroma: z.object({
    componentsPerGigabyte: amount.positive(),
    systemGigabytes: amount,
    diskPerContent: amount,
    machines: z.array(z.object({ name: z.string(), memoryGigabytes: amount, month: amount })).min(1),
  }),
});

/**
 * Reads a file of prices: the one that comes with the package, or a newer copy of it.
 *
 * @throws {DataError} if it is not such a file; it names each place
 */
export function readPrices(path: string = shippedPrices): Prices {
  const parsed = pricesSchema.safeParse(jsonOf(path));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path: place, message }) => ({
    problem: `${place.map(String).join(".") || "the file"}: ${message}`,
  }));
  throw new DataError(path, `${path} is not a file of prices.`, {
    faults,
    hint: "data/prices.json of the package shows the form.",
  });
}

function jsonOf(path: string): unknown {
  try {
    return parseJson(decodeText(readFileSync(path)));
  } catch (cause) {
    throw new DataError(path, `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
      hint: "data/prices.json of the package shows the form.",
    });
  }
}
