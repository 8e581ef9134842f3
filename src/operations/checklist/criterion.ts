import { capitalized } from "../../foundation/capitalized.ts";

/** `unknown` is not good: the evidence is missing, too small, or older than what it is about. */
export type CriterionResult = "pass" | "fail" | "unknown";

/** What was found about a criterion. */
export interface Judgement {
  readonly result: CriterionResult;
  /** What was found, or what is missing. */
  readonly evidence: string;
  /** When the evidence was recorded, ISO 8601; `undefined` without evidence. */
  readonly measuredAt: string | undefined;
}

export interface Criterion extends Judgement {
  readonly id: string;
  /** What has to hold. */
  readonly title: string;
  /** The command that provides the evidence. */
  readonly command: string;
}

export function unknown(evidence: string): Judgement {
  return { result: "unknown", evidence: sentence(evidence), measuredAt: undefined };
}

export function sentence(text: string): string {
  const start = capitalized(text);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

/** A8 of the requirements. */
export const longestMigrationMs: number = 4 * 3_600_000;
