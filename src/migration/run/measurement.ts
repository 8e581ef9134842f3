import { type BenchReport, bench } from "../bench/index.ts";
import type { Migration } from "./migration.ts";
import { approachTo, comparisonQueries } from "./queries.ts";
import type { Reference } from "./reference.ts";

/** Calls to each side: a 99th percentile takes 299 (order statistics, as the report has it). */
const calls = 300;

/** The measurement of both sides of a migration, with notes on how to read it. */
interface Measurement {
  readonly report: BenchReport;
  readonly notes: readonly string[];
}

/**
 * Measures both sides of a migration in one run. A source of files has no latency. An exact index of its vectors takes
 * its place, unless the target embeds, because that index does not embed.
 *
 * @throws {CancelledError}
 * @throws {ServiceError | StorageError} if a side cannot be opened
 */
export async function measureSides(
  migration: Migration,
  reference: Reference,
  options: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<Measurement> {
  const { signal } = options;
  const source = await reference.store();
  const target = await migration.openTarget("read");
  try {
    const sides = { source, target };
    const approach = await approachTo(migration, sides, signal);
    const queries = await comparisonQueries(sides, approach, await reference.sample(), signal);
    const isFiles = migration.source.store === undefined;
    const isUnlike = approach.subject.source !== approach.subject.target;
    const report = await bench({ ...(isFiles && isUnlike ? { target } : sides), queries, calls, ...options });
    return { report, notes: notesOn(isFiles, isUnlike) };
  } finally {
    await target.close();
  }
}

function notesOn(isFiles: boolean, isUnlike: boolean): string[] {
  if (isFiles && isUnlike) {
    return [
      "Only the target was measured: it embeds each text, and the source is files, which answer no queries.",
    ];
  }
  if (isFiles) {
    return [
      "The source is files: an exact index of its vectors on this machine was measured, not the application that it served.",
    ];
  }
  return isUnlike
    ? [
        "The target embeds each text, the source is queried by vectors: the times of the target include the embedding.",
      ]
    : [];
}

/** Why the target does not meet its objectives; `undefined` if it does, or if too few calls were made. */
export function missedObjectives({ sides: { target } }: BenchReport): string | undefined {
  const missed = target.verdicts.filter(({ outcome }) => outcome === "missed");
  return missed.length === 0 ? undefined : missed.map(({ objective }) => objective).join(", ");
}
