import type { Tone } from "../components/badge.tsx";
import type { Measured } from "../service/contract.ts";

/** The look of a condition; a measure that is stale or missing never looks good. */
export function toneOf(
  condition: "good" | "warning" | "bad" | "unknown",
  measured: Pick<Measured, "isStale">,
): Tone {
  return measured.isStale && condition === "good" ? "unknown" : condition;
}

const words: Readonly<Record<Tone, string>> = {
  good: "Good",
  warning: "Warning",
  bad: "Bad",
  unknown: "Unknown",
  neutral: "Off",
};

export function toneWord(tone: Tone, { isStale }: Pick<Measured, "isStale">): string {
  return isStale ? "Stale" : words[tone];
}
