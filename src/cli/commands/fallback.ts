import { readSettings, type Settings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { Run } from "../command.ts";
import type * as definitions from "../definitions/fallback.ts";
import { comparePair, showComparison } from "../pair-comparison.ts";

export const verifyFallback: Run<typeof definitions.verify> = async (values, context) => {
  const settings = readSettings(context.environment);
  requireCopy(settings);
  const { countsNotBecause: _, ...found } = await comparePair(settings, values, context);
  const code = showComparison(found, values, context.terminal, "ragfood fallback verify");
  if (!values.json && found.stage === "source") {
    context.terminal.note("The second copy has not begun. A running process makes it: ragfood serve");
  }
  return code;
};

/** @throws {UsageError} */
function requireCopy({ cutover, fallback }: Settings): void {
  if (cutover === undefined && fallback?.copiesWrites) return;
  if (cutover) {
    throw new UsageError("A cutover (CUTOVER_TO) is no fallback.", {
      hint: "To compare its stores: ragfood cutover verify",
    });
  }
  throw new UsageError("The settings name no second copy of the index.", {
    hint: fallback
      ? "With FALLBACK_WRITES=ingest both stores are filled from the data file: ragfood ingest compares each with it, and writes what differs."
      : "Set FALLBACK and FALLBACK_WRITES=copy: docs/fallback.md.",
  });
}
