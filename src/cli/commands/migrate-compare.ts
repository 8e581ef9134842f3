import { UsageError } from "../../errors.ts";
import { bench, benchMarkdown } from "../../migration/bench/index.ts";
import {
  type ComparedStore,
  type ComparisonQuery,
  compare,
  comparisonMarkdown,
} from "../../migration/compare/index.ts";
import { comparisonObstacle, comparisonQueries, type OpenTarget } from "../../migration/run/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { withMigration } from "../migration-options.ts";
import { printable } from "../render.ts";
import type { MigrateValues } from "./migrate.ts";

/** The same queries to both sides; exit code 1 for a fault, or where the target has not finished indexing. */
export async function compareMigration(values: MigrateValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  return await withBothSides(values, context, async ({ source, target, queries }) => {
    const report = await compare({
      source,
      target,
      queries,
      ...(target.embedding === "carried" && { vectors: "carried" }),
      signal,
      onProgress: ({ step, done, total }) =>
        terminal.progress(step === "queries" ? "Asking" : "Reading records", done, total),
    });
    if (values.json) terminal.jsonLine({ type: "compare-end", report });
    else terminal.line(printable(comparisonMarkdown(report)));
    return report.outcome === "fault" || report.outcome === "unfinished" ? exitCodes.failed : exitCodes.done;
  });
}

/** Latency of both sides in one run; exit code 1 where the target misses an objective. */
export async function benchMigration(values: MigrateValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  return await withBothSides(values, context, async ({ source, target, queries }) => {
    const report = await bench({
      source,
      target,
      queries,
      signal,
      onProgress: (done, total) => terminal.progress("Measuring", done, total),
    });
    if (values.json) terminal.jsonLine({ type: "bench-end", report });
    else terminal.line(printable(benchMarkdown(report)));
    const isMissed = report.sides.target.verdicts.some(({ outcome }) => outcome === "missed");
    return isMissed ? exitCodes.failed : exitCodes.done;
  });
}

interface BothSides {
  readonly source: ComparedStore;
  readonly target: OpenTarget;
  readonly queries: readonly ComparisonQuery[];
}

async function withBothSides(
  values: MigrateValues,
  context: CommandContext,
  action: (sides: BothSides) => Promise<number>,
): Promise<number> {
  const { signal } = context;
  return await withMigration(values, context, async (migration) => {
    const obstacle = comparisonObstacle({ migration });
    if (obstacle !== undefined) throw new UsageError(`The two cannot be asked the same: ${obstacle}.`);
    const target = await migration.openTarget("read");
    const own = migration.source.store;
    const reference = own ? undefined : await migration.openReference(signal);
    const source = own ?? (reference as ComparedStore);
    try {
      const queries = await comparisonQueries(source, target, signal);
      return await action({ source, target, queries });
    } finally {
      await reference?.close();
      await target.close();
    }
  });
}
