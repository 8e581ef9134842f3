import type { ObjectiveName } from "../status/status.ts";
import type { Evaluation } from "./evaluate.ts";

interface Words {
  readonly title: string;
  readonly unit: "milliseconds" | "ratio";
  readonly comparison: "below" | "at least";
  /** What the sentence says of a breach. */
  readonly breach: string;
}

export const objectiveWords: Readonly<Record<ObjectiveName, Words>> = {
  average: {
    title: "Average latency",
    unit: "milliseconds",
    comparison: "below",
    breach: "Average latency above objective",
  },
  p99: {
    title: "Latency, 99th percentile",
    unit: "milliseconds",
    comparison: "below",
    breach: "99th percentile of latency above objective",
  },
  availability: {
    title: "Availability",
    unit: "ratio",
    comparison: "at least",
    breach: "Availability below objective",
  },
  errors: { title: "Error rate", unit: "ratio", comparison: "below", breach: "Error rate above objective" },
};

/** The sentence of an alert: what, how much over which time, and the objective. */
export function breachSentence({ name, rule, windows, target }: Evaluation): string {
  const { breach, comparison } = objectiveWords[name];
  const window = windows.find(({ minutes }) => minutes === rule?.shortMinutes);
  const value = window?.value;
  const measured =
    value == null ? "" : `: ${formatValue(name, value)} over ${formatMinutes(window?.minutes ?? 0)}`;
  const burn = window?.burnRate;
  const budget = burn == null ? "" : `, ${burn.toFixed(1)} times the rate that the error budget allows`;
  return `${breach}${measured}${budget} (objective: ${comparison} ${formatValue(name, target)}).`;
}

function formatValue(name: ObjectiveName, value: number): string {
  if (objectiveWords[name].unit === "milliseconds") return `${Math.round(value).toLocaleString("en")} ms`;
  return `${Number((value * 100).toFixed(value > 0.5 ? 3 : 2))} %`;
}

function formatMinutes(minutes: number): string {
  return minutes < 120 ? `${minutes} minutes` : `${minutes / 60} hours`;
}
