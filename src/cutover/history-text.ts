import type { HistoryEntry } from "../state/cutover/rows.ts";

/** The evidence that an operator's change keeps, as far as a reader of the history needs it. */
interface ChangeEvidence {
  readonly isForced?: boolean;
  readonly canaryPercent?: number;
}

/** What happened, in one line: `advance: shadow-read to canary, 5 % of the questions, forced`. */
export function describeChange(entry: HistoryEntry): string {
  const { event, from, to } = entry;
  const { isForced = false, canaryPercent } = (evidenceOf(entry) ?? {}) as ChangeEvidence;
  return [
    from === to ? event : `${event}: ${from} to ${to}`,
    ...(canaryPercent === undefined ? [] : [`${canaryPercent} % of the questions`]),
    ...(isForced ? ["forced"] : []),
  ].join(", ");
}

/** What the gates and rules saw; `undefined` if nothing was kept. */
export function evidenceOf({ evidence }: HistoryEntry): unknown {
  return evidence === "" ? undefined : JSON.parse(evidence);
}
