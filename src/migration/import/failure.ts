import { CancelledError, QuotaError, type RagfoodError } from "../../foundation/errors.ts";
import type { ImportOutcome, Refusal } from "./events.ts";
import type { StopReason } from "./interruption.ts";
import { RecordsRefusedError } from "./report.ts";

const dayMs = 86_400_000;
const continueHint = "Run the same command again: it continues where it stopped.";

/** Daily quotas are renewed at 00:00 UTC. @returns the next renewal, in milliseconds since 1970 */
export function nextQuotaDay(now: number): number {
  return (Math.floor(now / dayMs) + 1) * dayMs;
}

interface ImportEnd {
  readonly reason: StopReason | undefined;
  readonly refusals: readonly Refusal[];
  readonly done: number;
  readonly total: number;
}

/** The error of an import that is not complete. */
export function failureOf(outcome: ImportOutcome, end: ImportEnd): RagfoodError | undefined {
  switch (outcome) {
    case "complete":
      return undefined;
    case "refused":
      return new RecordsRefusedError(end.refusals, false);
    case "refusals-exceeded":
      return new RecordsRefusedError(end.refusals, true);
    case "cancelled":
      return new CancelledError(`The import was stopped: ${progressText(end)}`, { hint: continueHint });
    case "quota":
      return quotaFailure(end);
    case "failed":
      return end.reason?.failure;
  }
}

function progressText({ done, total }: ImportEnd): string {
  return `${done.toLocaleString("en")} of ${total.toLocaleString("en")} records are in the target.`;
}

function quotaFailure(end: ImportEnd): RagfoodError {
  const cause = end.reason?.failure as QuotaError;
  const resumeAt = new Date(nextQuotaDay(Date.now())).toISOString();
  return new QuotaError(cause.service, `${cause.message}: ${progressText(end)}`, {
    hint: `The quota is renewed at 00:00 UTC (${resumeAt}). ${continueHint}`,
    cause,
    ...(cause.status !== undefined && { status: cause.status }),
  });
}
