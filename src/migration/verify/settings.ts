import { UsageError } from "../../foundation/errors.ts";
import { defaultVectorTolerance } from "../../store/compare-vectors.ts";
import type { CallOptions } from "../../store/store.ts";
import type { RecordSource } from "../source.ts";
import type { MigrationTarget } from "../target.ts";
import type { Difference } from "./difference.ts";

export interface VerifySettings {
  /** As at the import: what the target embeds of a record. Default: its unchanged text. */
  readonly template?: string | undefined;
  /** By how much a component of a carried vector may differ, absolute. Default 1e-6. */
  readonly vectorTolerance?: number;
  /** Records in one read of the source and one fetch from the target: 1 to 1,000. Default 200. */
  readonly batchSize?: number;
  /** Concurrent batches: 1 to 64. Default 4. */
  readonly concurrency?: number;
  /** Differences that the report lists; all are counted. Default 100. */
  readonly maximumListed?: number;
  /** A file for every difference, one JSON object a line. Default: none. */
  readonly differencesFile?: string | undefined;
  /** Records of the target that the source does not have are reported, and do not fail. Default false. */
  readonly allowExtras?: boolean;
}

export type VerifyEvent =
  | {
      readonly type: "verify-progress";
      /** `records`: the source's against the target's; `extras`: the target's ids against the source's. */
      readonly phase: "records" | "extras";
      readonly done: number;
      /** The count that the source or the target reports; `done` may exceed it if that changes. */
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
  const {
    vectorTolerance = defaultVectorTolerance,
    batchSize = 200,
    concurrency = 4,
    maximumListed = 100,
  } = settings;
  requireWhole("batchSize", batchSize, 1, 1_000);
  requireWhole("concurrency", concurrency, 1, 64);
  requireWhole("maximumListed", maximumListed, 0, 1_000_000);
  if (!(vectorTolerance >= 0 && Number.isFinite(vectorTolerance))) {
    throw new UsageError(`vectorTolerance must be a number of at least 0; it is ${vectorTolerance}.`);
  }
  const { template, differencesFile, allowExtras = false } = settings;
  return { template, vectorTolerance, batchSize, concurrency, maximumListed, differencesFile, allowExtras };
}

/** @throws {UsageError} */
export function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}; it is ${value}.`);
}
