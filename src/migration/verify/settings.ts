import { UsageError } from "../../foundation/errors.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import type { Difference } from "./difference.ts";

export interface VerifySettings {
  /** As at the import: what the target embeds of a record. Default: its text as it is. */
  readonly template?: string | undefined;
  /** By how much a component of a carried vector may differ, absolute. Default 1e-6. */
  readonly vectorTolerance?: number;
  /** Records that are read from the source, and fetched from the target, at once: 1 to 1,000. Default 200. */
  readonly batchSize?: number;
  /** Batches that are under way at once: 1 to 64. Default 4. */
  readonly concurrency?: number;
  /** Differences that the report tells one by one; all are counted. Default 100. */
  readonly differencesTold?: number;
  /** Where every difference is written, one JSON object a line. Default: nowhere. */
  readonly differencesFile?: string | undefined;
}

export type VerifyEvent =
  | {
      readonly type: "verify-progress";
      /** `records`: the source's against the target's; `extras`: the target's ids against the source's. */
      readonly phase: "records" | "extras";
      readonly done: number;
      /** As the source or the target tells it, so that `done` may pass it where it changes. */
      readonly total: number;
      readonly differenceCount: number;
    }
  | { readonly type: "verify-mismatch"; readonly difference: Difference };

export interface VerifyOptions extends CallOptions {
  readonly source: RecordSource;
  readonly target: MigrationTarget;
  readonly settings?: VerifySettings;
  readonly onEvent?: (event: VerifyEvent) => void;
}

export type CompleteSettings = Required<VerifySettings>;

/** @throws {UsageError} for a setting that is out of range */
export function completeSettings(settings: VerifySettings = {}): CompleteSettings {
  const { vectorTolerance = 1e-6, batchSize = 200, concurrency = 4, differencesTold = 100 } = settings;
  requireWhole("batchSize", batchSize, 1, 1_000);
  requireWhole("concurrency", concurrency, 1, 64);
  requireWhole("differencesTold", differencesTold, 0, 1_000_000);
  if (!(vectorTolerance >= 0 && Number.isFinite(vectorTolerance))) {
    throw new UsageError(`vectorTolerance has to be a number from 0 up (it is ${vectorTolerance}).`);
  }
  const { template, differencesFile } = settings;
  return { template, vectorTolerance, batchSize, concurrency, differencesTold, differencesFile };
}

/** @throws {UsageError} */
export function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`${name} has to be a whole number from ${least} to ${most} (it is ${value}).`);
}
