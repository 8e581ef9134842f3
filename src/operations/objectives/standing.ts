import type { Objective, Standing } from "../status/status.ts";

/** Whether a measure misses its target: the one rule for the status, the dashboard and reports. */
export function isMissed({
  value,
  comparison,
  target,
}: Pick<Objective, "comparison" | "target"> & { readonly value: number | null | undefined }): boolean {
  return value != null && (comparison === "below" ? value >= target : value < target);
}

/** How an objective stands: its value is of some minutes, its budget of days, and its alert of the hours between. */
export function standingOf(objective: Omit<Objective, "standing">): Standing {
  const { state, budget, calmSince } = objective;
  const isCalm = calmSince !== null;
  if (state === "breached") return isCalm && !isMissed(objective) ? "recovering" : "breached";
  if (state !== "met") return state;
  if (budget !== null && budget.remaining <= 0) return "budget used";
  if (isMissed(objective)) return isCalm ? "recovered" : "missed";
  return "met";
}
