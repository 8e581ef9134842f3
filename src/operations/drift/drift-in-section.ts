import type { DriftRepository } from "../../state/drift.ts";
import type { StatusSection } from "../status/status.ts";
import type { SectionProvider } from "../watch/sections.ts";

/** The last check of the embedding model, as the section `integrity` of the status has it. */
export interface DriftFigures {
  readonly outcome: "recorded" | "steady" | "drifted";
  /** Largest change of a similarity, 0 to 2; `null` if nothing was compared. */
  readonly largestChange: number | null;
  /** ISO 8601. */
  readonly checkedAt: string;
}

/** Adds the last check for drift to a section: a model that embeds differently makes good records hard to find. */
export function withDrift(section: SectionProvider, repository: DriftRepository): SectionProvider {
  return async () => {
    const [given, last] = await Promise.all([section(), repository.last()]);
    if (last === undefined) return given;
    const { outcome, largestChange, checkedAt, sentence } = last;
    const drift: DriftFigures = {
      outcome,
      largestChange: largestChange ?? null,
      checkedAt: new Date(checkedAt).toISOString(),
    };
    const details = { ...(given.details as object | null), drift };
    return outcome === "drifted" ? drifted(given, sentence, details) : { ...given, details };
  };
}

function drifted(given: StatusSection, sentence: string, details: object): StatusSection {
  const condition = given.condition === "bad" ? "bad" : "warning";
  return { ...given, condition, sentence: `${sentence} ${given.sentence}`, details };
}
