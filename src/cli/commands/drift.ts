import { checkModelDrift } from "../../composition/drift.ts";
import { withOpenState } from "../../composition/own-state.ts";
import { readSettings } from "../../config/settings.ts";
import type { DriftResult } from "../../operations/drift/check-drift.ts";
import type { Run } from "../command.ts";
import type { drift } from "../definitions/drift.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { observersFor } from "../observers.ts";
import { requireIndex } from "../prepare.ts";
import type { Terminal } from "../terminal.ts";

export const runDrift: Run<typeof drift> = async (values, context) => {
  const { environment, terminal, signal } = context;
  const settings = readSettings(environment);
  if (settings.embedder === "index") requireIndex(settings);
  const { threshold, reset } = values;
  const result = await withOpenState(settings, (state) =>
    checkModelDrift({
      settings,
      state,
      observers: observersFor(context),
      reset,
      ...(threshold !== undefined && { threshold }),
      signal,
    }),
  );
  if (values.json) terminal.json(toJson(result));
  else print(result, terminal);
  return result?.outcome === "drifted" ? exitCodes.failed : exitCodes.done;
};

function toJson(result: DriftResult | undefined): object {
  if (result === undefined) return { outcome: "not-applicable" };
  const [recordedAt, checkedAt] = [result.recordedAt, result.checkedAt].map((time) =>
    new Date(time).toISOString(),
  );
  return { ...result, recordedAt, checkedAt };
}

function print(result: DriftResult | undefined, terminal: Terminal): void {
  if (result === undefined) {
    terminal.line("The index embeds by words alone (BM25): there is no model that could drift.");
    return;
  }
  terminal.line(oneLine(result.sentence));
  for (const { text, change } of result.changed) {
    terminal.line(`  ${change.toFixed(4)}  ${oneLine(text.slice(0, 80))}`);
  }
  if (result.outcome !== "drifted") return;
  terminal.note(
    "Records embedded before and questions embedded now no longer fit together. Ingest again, or ask the provider; then: ragfood drift --reset",
  );
}
