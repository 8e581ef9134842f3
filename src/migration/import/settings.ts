import { UsageError } from "../../foundation/errors.ts";

export interface ImportSettings {
  /** Maximum number of concurrent requests. Default 4. */
  readonly concurrency: number;
  /** Minimum limit of records in a request, and the first one. Default 100. */
  readonly minimumBatch: number;
  /** Maximum number of records in a request; Upstash takes 1,000. Default 1,000. */
  readonly maximumBatch: number;
  /** Approximate maximum of a request in bytes of JSON. Default 8 MiB. */
  readonly requestBytes: number;
  /** Maximum number of blocks of about 100 records in memory, including those that are being sent. Default 60. */
  readonly maximumBlocks: number;
  /** Maximum size of these blocks in bytes of JSON, about; one block is always allowed. Default 48 MiB. */
  readonly maximumBytes: number;
  /** Number of refused records after which the import stops early. Default 100. */
  readonly maximumRefusals: number;
  /** Number of consecutive failures after which the import stops. Default 8. */
  readonly maximumFailures: number;
  /** Milliseconds of the first pause after a failure; each consecutive failure doubles it. Default 500. */
  readonly pauseMs: number;
  /** Maximum milliseconds of a pause, unless the service asks for a longer one. Default 30,000. */
  readonly maximumPauseMs: number;
  /** Milliseconds that requests have to finish when the import stops. Default 20,000. */
  readonly drainMs: number;
}

export const defaultImportSettings: ImportSettings = {
  concurrency: 4,
  minimumBatch: 100,
  maximumBatch: 1_000,
  requestBytes: 8 * 1_024 * 1_024,
  maximumBlocks: 60,
  maximumBytes: 48 * 1_024 * 1_024,
  maximumRefusals: 100,
  maximumFailures: 8,
  pauseMs: 500,
  maximumPauseMs: 30_000,
  drainMs: 20_000,
};

/** Maximum number of records that Upstash takes in one request (developer API, `max_writes_per_request`). */
const requestLimit = 1_000;

/** Settings that may be 0. */
const mayBeZero: readonly (keyof ImportSettings)[] = [
  "maximumRefusals",
  "maximumFailures",
  "pauseMs",
  "maximumPauseMs",
  "drainMs",
];

/** @throws {UsageError} for a value out of range */
export function completeSettings(settings: Partial<ImportSettings>): ImportSettings {
  const complete = { ...defaultImportSettings, ...settings };
  for (const [name, value] of Object.entries(complete) as [keyof ImportSettings, number][]) {
    const minimum = mayBeZero.includes(name) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < minimum) {
      throw new UsageError(
        `The import setting ${name} is ${value}; it takes a whole number from ${minimum}.`,
      );
    }
  }
  if (complete.maximumBatch > requestLimit || complete.minimumBatch > complete.maximumBatch) {
    throw new UsageError(
      `minimumBatch is ${complete.minimumBatch} and maximumBatch ${complete.maximumBatch}; they have to be in this order, and up to ${requestLimit}.`,
    );
  }
  return complete;
}
