import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type LedgerSummary, ledgerFile, readLedger } from "../migration/ledger/index.ts";
import { isComplete, phasesOf } from "../migration/run/index.ts";
import type { MigrationFacts, PhaseFacts } from "../operations/checklist/migration-facts.ts";

/** Names of the migrations of a project. */
export function migrationNames(directory: string): string[] {
  try {
    return readdirSync(join(directory, "migrations")).sort();
  } catch {
    return [];
  }
}

/**
 * What the ledger of a migration proves; `undefined` if it does not exist.
 * @throws {LedgerError}
 */
export function readMigrationFacts(directory: string, name: string): MigrationFacts | undefined {
  const summary = readLedger(ledgerFile(directory, name));
  return summary && factsOf(name, summary);
}

const verification = z.object({
  isPassed: z.boolean(),
  equalCount: z.number(),
  differenceCount: z.number(),
  counts: z
    .object({ "omitted-record": z.number(), "omitted-field": z.number(), "altered-field": z.number() })
    .partial()
    .default({}),
  source: z.object({ recordCount: z.number() }),
});

/** What differs on request. */
function requestedIn(counts: z.infer<typeof verification>["counts"]): number {
  return Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);
}

function factsOf(name: string, { phases: kept, runs }: LedgerSummary): MigrationFacts {
  const phases = phasesOf(kept);
  const verified = verification.safeParse(phases.verify?.outcome.facts);
  const ended = runs.flatMap(({ begunAt, endedAt }) => (endedAt === undefined ? [] : [endedAt - begunAt]));
  const importMs = Math.max(
    phases.import?.milliseconds ?? 0,
    ended.reduce((sum, length) => sum + length, 0),
  );
  const others = Object.entries(phases).filter(([phase]) => phase !== "import");
  const ends = Object.values(phases).map(({ begunAt, milliseconds }) => Date.parse(begunAt) + milliseconds);
  const writes = runs.filter(({ sent }) => sent > 0).map(({ begunAt, endedAt }) => endedAt ?? begunAt);
  return {
    name,
    isComplete: isComplete(phases),
    phases: Object.fromEntries(
      (["verify", "compare", "bench"] as const).flatMap((phase) => {
        const state = phases[phase];
        if (state === undefined) return [];
        const { status, outcome, begunAt } = state;
        return [[phase, { status, summary: outcome.summary, measuredAt: begunAt } satisfies PhaseFacts]];
      }),
    ),
    verification: verified.success
      ? {
          isPassed: verified.data.isPassed,
          equalCount: verified.data.equalCount,
          recordCount: verified.data.source.recordCount,
          differenceCount: verified.data.differenceCount - requestedIn(verified.data.counts),
          omittedCount: requestedIn(verified.data.counts),
        }
      : undefined,
    writtenAt: writes.length === 0 ? undefined : Math.max(...writes),
    workedMs: others.reduce((sum, [, { milliseconds }]) => sum + milliseconds, importMs),
    hasOpenRun: runs.some(({ endedAt }) => endedAt === undefined),
    finishedAt: ends.length === 0 ? undefined : Math.max(...ends),
  };
}
