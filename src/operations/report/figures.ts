import type { ObjectiveRow } from "./report.ts";

/** Figures as a report writes them; a dash for one that is missing. */
export function figureText({ unit }: Pick<ObjectiveRow, "unit">, value: number | undefined): string {
  if (value === undefined) return "–";
  return unit === "milliseconds" ? milliseconds(value) : percentText(value);
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString("en")} ms`;
}

/** `99.95 %`, `0.012 %`, `50 %`: as many digits as say something. */
export function percentText(share: number): string {
  const value = 100 * share;
  const isExtreme = (value > 0 && value < 1) || (value > 99 && value < 100);
  return `${Number(value.toFixed(isExtreme ? 3 : 1))} %`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** `2026-11-30 08:15 UTC` */
export function timeText(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** How a figure moved since the span before: `+3 points`, `-12 %`; `undefined` if it is not known. */
export function changeText(
  now: number | undefined,
  before: number | undefined,
  isShare: boolean,
): string | undefined {
  if (now === undefined || before === undefined) return undefined;
  if (isShare) {
    const points = 100 * (now - before);
    return Math.abs(points) < 0.05
      ? "unchanged"
      : `${sign(points)}${Number(Math.abs(points).toFixed(1))} points`;
  }
  if (before === 0) return undefined;
  const percent = (100 * (now - before)) / before;
  return Math.abs(percent) < 0.5 ? "unchanged" : `${sign(percent)}${Math.abs(percent).toFixed(0)} %`;
}

function sign(value: number): string {
  return value < 0 ? "−" : "+";
}
