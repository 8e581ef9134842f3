import type { Tone } from "../components/badge.tsx";
import type { Measured } from "../service/contract.ts";

/** The look of a condition; a measure that is stale or missing never looks good. */
export function toneOf(condition: "good" | "warning" | "bad" | "unknown", measured: Measured): Tone {
  return measured.isStale && condition === "good" ? "unknown" : condition;
}

const words: Readonly<Record<Tone, string>> = {
  good: "Good",
  warning: "Warning",
  bad: "Bad",
  unknown: "Unknown",
  neutral: "Off",
};

/** What was never measured is unknown, not stale. */
export function toneWord(tone: Tone, { isStale, time }: Measured): string {
  return isStale && time !== null ? "Stale" : words[tone];
}
