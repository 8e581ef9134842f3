import type { JSX } from "preact";
import "./meter.css";

interface MeterProps {
  /** 0 to 1; outside values are shown at the end that they passed. */
  readonly share: number;
  readonly tone?: "accent" | "good" | "warning" | "bad" | "unknown";
  /** What it measures, for screen readers; without it the number beside it says all. */
  readonly label?: string;
}

/** A thin bar that shows a share. Drawn as SVG, since the pages allow no inline style. */
export function Meter({ share, tone = "accent", label }: MeterProps): JSX.Element {
  const width = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100;
  return (
    <svg
      class={`meter meter-${tone}`}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      aria-hidden={label === undefined}
      role={label === undefined ? undefined : "img"}
      aria-label={label}
    >
      <rect class="meter-track" width="100" height="4" />
      <rect class="meter-value" width={width} height="4" />
    </svg>
  );
}
