import type { DriftRepository } from "../../state/drift.ts";
import type { Check } from "../watch/checks.ts";

/** Raises an alert if the last check of the model found a drift; it ends when a later check finds no drift. */
export function driftCheck(repository: DriftRepository): Check {
  return {
    key: "drift",
    run: async () => {
      const last = await repository.last();
      if (last === undefined) return "unknown";
      if (last.outcome !== "drifted") return "good";
      const { sentence, largestChange = null, subject } = last;
      return { key: "drift", severity: "ticket", sentence, evidence: { subject, largestChange } };
    },
  };
}
