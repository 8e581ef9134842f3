import type { JSX } from "preact";
import "./sparkline.css";

interface SparklineProps {
  /** In order of time; `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** Drawn as a dashed line, if it is within the range of the values. */
  readonly target?: number;
  /** What it shows, for screen readers. */
  readonly label: string;
}

const width = 100;
const height = 28;

/** The course of a measure, without axes. */
export function Sparkline({ values, target, label }: SparklineProps): JSX.Element {
  const numbers = values.filter((value) => value !== null);
  const low = Math.min(...numbers, ...(target === undefined ? [] : [target]));
  const high = Math.max(...numbers, ...(target === undefined ? [] : [target]));
  const y = (value: number) =>
    high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4);
  const x = (place: number) => (values.length < 2 ? 0 : 1 + (place / (values.length - 1)) * (width - 2));
  let path = "";
  let points = "";
  let isPenDown = false;
  values.forEach((value, place) => {
    if (value !== null) path += `${isPenDown ? "L" : "M"}${x(place).toFixed(2)} ${y(value).toFixed(2)}`;
    // A value between gaps is a line without a length: its round ends make it a point.
    if (value !== null && !isPenDown && (values[place + 1] ?? null) === null)
      points += `M${x(place).toFixed(2)} ${y(value).toFixed(2)}h0`;
    isPenDown = value !== null;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {target !== undefined && numbers.length > 0 && (
        <path class="sparkline-target" d={`M0 ${y(target).toFixed(2)}H${width}`} />
      )}
      <path class="sparkline-line" d={path} />
      {points !== "" && <path class="sparkline-point" d={points} />}
    </svg>
  );
}
