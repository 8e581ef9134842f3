import { CancelledError, QuotaError, type RagfoodError } from "../../foundation/errors.ts";
import type { Refusal } from "./events.ts";
import type { StopReason } from "./interruption.ts";
import { type ImportOutcome, RecordsRefusedError } from "./report.ts";

const dayMs = 86_400_000;
const goOn = "Run the same command again: it goes on where it stopped.";

/** Daily quotas are renewed at 00:00 UTC. @returns the next one, in milliseconds since 1970 */
export function nextQuotaDay(now: number): number {
  return (Math.floor(now / dayMs) + 1) * dayMs;
}

interface ImportEnd {
  readonly reason: StopReason | undefined;
  readonly refusals: readonly Refusal[];
  readonly done: number;
  readonly total: number;
}

/** What an import that is not complete fails with. */
export function failureOf(outcome: ImportOutcome, end: ImportEnd): RagfoodError | undefined {
  switch (outcome) {
    case "complete":
      return undefined;
    case "refused":
      return new RecordsRefusedError(end.refusals, false);
    case "refusals-exceeded":
      return new RecordsRefusedError(end.refusals, true);
    case "cancelled":
      return new CancelledError(`The import was stopped: ${standOf(end)}`, { hint: goOn });
    case "quota":
      return quotaFailure(end);
    case "failed":
      return end.reason?.failure;
  }
}

function standOf({ done, total }: ImportEnd): string {
  return `${done.toLocaleString("en")} of ${total.toLocaleString("en")} records are in the target.`;
}

function quotaFailure(end: ImportEnd): RagfoodError {
  const cause = end.reason?.failure as QuotaError;
  const resumeAt = new Date(nextQuotaDay(Date.now())).toISOString();
  return new QuotaError(cause.service, `${cause.message}: ${standOf(end)}`, {
    hint: `The quota is renewed at 00:00 UTC (${resumeAt}). ${goOn}`,
    cause,
    ...(cause.status !== undefined && { status: cause.status }),
  });
}
