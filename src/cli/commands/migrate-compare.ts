import type { OpenMigration } from "../../composition/endpoints/migration.ts";
import { UsageError } from "../../foundation/errors.ts";
import { benchMarkdown } from "../../migration/bench/index.ts";
import {
  compareTarget,
  comparisonFailure,
  comparisonObstacle,
  measureSides,
  missedObjectives,
  Reference,
  targetComparisonMarkdown,
} from "../../migration/run/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { type MigrationValues, withMigration } from "../migration-options.ts";

const steps = {
  own: "Querying each record by itself",
  queries: "Asking both sides",
  records: "Reading vectors",
  questions: "Asking known questions",
} as const;

/** The same queries to both sides; exit code 1 for a fault, or if the target has not finished indexing. */
export async function compareMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  return await withReference(values, context, async (migration, reference) => {
    const comparison = await compareTarget(migration, reference, {
      signal,
      onProgress: (step, done, total) => terminal.progress(steps[step], done, total),
    });
    const failure = comparisonFailure(comparison);
    const { agreement: report, ...rest } = comparison;
    if (values.json)
      terminal.jsonLine({ type: "compare-end", report, ...rest, ...(failure && { refusal: failure }) });
    else {
      terminal.block(targetComparisonMarkdown(comparison));
      if (failure) terminal.note(`${failure.found} ${failure.advice}`);
    }
    return failure ? exitCodes.failed : exitCodes.done;
  });
}

/** Latency of both sides in one run; exit code 1 if the target misses an objective. */
export async function benchMigration(values: MigrationValues, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  return await withReference(values, context, async (migration, reference) => {
    const obstacle = comparisonObstacle(migration);
    if (obstacle !== undefined) {
      throw new UsageError(`The two sides cannot be asked the same queries: ${obstacle}.`);
    }
    const { report, notes } = await measureSides(migration, reference, {
      signal,
      onProgress: (done, total) => terminal.progress("Measuring", done, total),
    });
    if (values.json) terminal.jsonLine({ type: "bench-end", report, notes });
    else terminal.block([benchMarkdown(report), ...notes].join("\n"));
    return missedObjectives(report) === undefined ? exitCodes.done : exitCodes.failed;
  });
}

async function withReference(
  values: MigrationValues,
  context: CommandContext,
  action: (migration: OpenMigration, reference: Reference) => Promise<number>,
): Promise<number> {
  return await withMigration(values, context, async (migration) => {
    const reference = new Reference(migration, context.signal);
    try {
      return await action(migration, reference);
    } finally {
      await reference.close();
    }
  });
}
