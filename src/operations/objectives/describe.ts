import type { ObjectiveName, ObjectiveWindow } from "../status/status.ts";
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

/** The sentence of an alert: what, how much over which time, the objective, and how much of the long window is known. */
export function breachSentence({ name, rule, windows, target }: Evaluation): string {
  const { breach, comparison } = objectiveWords[name];
  const of = (minutes: number | undefined) => windows.find((window) => window.minutes === minutes);
  const window = of(rule?.shortMinutes);
  const measured =
    window === undefined || window.value === null
      ? ""
      : `: ${formatValue(name, window.value)} over ${formatMinutes(window.minutes)}`;
  const bad =
    name === "p99" && window
      ? `: ${window.bad} of ${window.requests} requests of ${formatMinutes(window.minutes)} took longer`
      : measured;
  const burn = window?.burnRate;
  const budget = burn == null ? "" : `, ${burn.toFixed(1)} times the rate that the error budget allows`;
  const objective = `objective: ${comparison} ${formatValue(name, target)}`;
  return `${breach}${bad}${budget} (${objective}${young(of(rule?.longMinutes))}).`;
}

/** How a long window counts that the service has not measured whole. */
function young(window: ObjectiveWindow | undefined): string {
  if (window === undefined || window.burnRate === null || window.coverage >= 1) return "";
  const { minutes, coverage } = window;
  return `; measured: ${formatMinutes(Math.round(minutes * coverage))} of ${formatMinutes(minutes)}, and the rest counts as good`;
}

function formatValue(name: ObjectiveName, value: number): string {
  if (objectiveWords[name].unit === "milliseconds") return `${Math.round(value).toLocaleString("en")} ms`;
  return `${Number((value * 100).toFixed(value > 0.5 ? 3 : 2))} %`;
}

function formatMinutes(minutes: number): string {
  if (minutes === 1) return "1 minute";
  return minutes < 120 ? `${minutes} minutes` : `${Number((minutes / 60).toFixed(1))} hours`;
}
