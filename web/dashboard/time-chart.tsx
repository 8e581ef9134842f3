import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type ChartColors, readColors } from "./chart-colors.ts";
import type { Mark } from "./history.ts";
import "./time-chart.css";

interface Series {
  readonly label: string;
  /** `null` is a gap, `undefined` is joined over. */
  readonly values: readonly (number | null | undefined)[];
  readonly color: keyof ChartColors;
  /** Lengths of dashes and gaps: series differ by more than their colour. */
  readonly dash?: readonly number[];
  readonly isFilled?: boolean;
}

interface TimeChartProps {
  readonly title: string;
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number | null | undefined) => string;
  readonly height: number;
  /** What the highest value of the axis is at least. */
  readonly leastTop?: number;
  /** A line for what must not be exceeded. */
  readonly objective?: { readonly value: number; readonly label: string };
  readonly marks?: readonly Mark[];
  /** Whether it labels the time axis: the lowest chart of a group does. */
  readonly hasTimes?: boolean;
  /** The place under the cursor of any chart of the group. */
  readonly place: number | undefined;
  readonly onPlace: (place: number | undefined) => void;
}

/** Charts with the same key share their cursor. */
const sync = uPlot.sync("dashboard");

/** Measures over time. The values under the cursor stand in the legend of every chart of the group. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const {
    title,
    times,
    series,
    format,
    height,
    objective,
    marks = [],
    hasTimes = false,
    place,
    onPlace,
  } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const notify = useRef(onPlace);
  notify.current = onPlace;
  // Known at once: a second key may be pressed before the page has shown the first.
  const cursor = useRef(place);
  cursor.current = place;
  const theme = useTheme();

  // The chart itself is made again only if its form changes; new measures are handed to it.
  const form = JSON.stringify([series.map(({ label }) => label), objective, marks, height, hasTimes, theme]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new uPlot(
      options({ ...props, marks, width: element.clientWidth, colors: readColors(element) }, (next) => {
        cursor.current = next;
        notify.current(next);
      }),
      dataOf(times, series),
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = undefined;
    };
  }, [form]);
  useEffect(() => chart.current?.setData(dataOf(times, series)), [times, series]);

  const shown = place ?? lastMeasured(series);
  const moveCursor = (event: KeyboardEvent) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const plot = chart.current;
    if (step === 0 || plot === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(times.length - 1, (cursor.current ?? times.length) + step));
    plot.setCursor({
      left: plot.valToPos(times[next] ?? 0, "x"),
      top: plot.bbox.height / 2 / devicePixelRatio,
    });
  };
  return (
    <figure class="chart">
      <figcaption class="chart-head">
        <span class="chart-title">{title}</span>
        <span class="chart-legend">
          {series.map(({ label, values, color, dash }) => (
            <span key={label} class="chart-key">
              <svg class={`chart-stroke chart-${color}`} viewBox="0 0 16 4" aria-hidden="true">
                <path d="M0 2H16" {...(dash && { "stroke-dasharray": dash.join(" ") })} />
              </svg>
              {label}
              <b>{format(shown === undefined ? null : values[shown])}</b>
            </span>
          ))}
          {objective && (
            <span class="chart-key">
              <svg class="chart-stroke chart-bad" viewBox="0 0 16 4" aria-hidden="true">
                <path d="M0 2H16" stroke-dasharray="6 4" />
              </svg>
              {objective.label}
            </span>
          )}
        </span>
      </figcaption>
      <div
        ref={box}
        class={`chart-plot ${hasTimes ? "chart-plot-timed" : ""}`}
        // As high as it will be: the chart is drawn after the page.
        style={{ minHeight: `${height}px` }}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its cursor.
        tabIndex={0}
        aria-label={`${title}: ${describe(series, format)}. The arrow keys move the cursor.`}
        onKeyDown={moveCursor}
        onBlur={() => onPlace(undefined)}
      />
    </figure>
  );
}

/** Changes with the theme, of the system or chosen. */
function useTheme(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const onChange = () => setVersion((before) => before + 1);
    scheme.addEventListener("change", onChange);
    addEventListener("ragfood-theme", onChange);
    return () => {
      scheme.removeEventListener("change", onChange);
      removeEventListener("ragfood-theme", onChange);
    };
  }, []);
  return version;
}

function dataOf(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  return [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
}

/** The last place at which a series has a value. */
function lastMeasured(series: readonly Series[]): number | undefined {
  const places = series.map(({ values }) => values.findLastIndex((value) => value != null));
  const last = Math.max(...places);
  return last < 0 ? undefined : last;
}

/** The last and the highest value of each series. */
function describe(series: readonly Series[], format: TimeChartProps["format"]): string {
  return series
    .map(({ label, values }) => {
      const measured = values.filter((value) => value != null);
      if (measured.length === 0) return `${label}: not measured`;
      return `${label}: last ${format(measured.at(-1))}, highest ${format(Math.max(...measured))}`;
    })
    .join("; ");
}

type DrawnChart = Pick<
  TimeChartProps,
  "series" | "format" | "height" | "leastTop" | "objective" | "hasTimes"
> & {
  readonly marks: readonly Mark[];
  readonly width: number;
  readonly colors: ChartColors;
};

/** Pixels for the labels of the values: equal in all charts, so that their time axes line up. */
const labelWidth = 52;

function options(chart: DrawnChart, onPlace: (place: number | undefined) => void): uPlot.Options {
  const { series, format, height, leastTop = 0, objective, hasTimes, marks, width, colors } = chart;
  // A far objective would press the measures on the floor: the legend names it.
  const leastOf = (highest: number) =>
    objective !== undefined && highest >= objective.value / nearness
      ? Math.max(leastTop, objective.value)
      : leastTop;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return {
    width,
    height,
    legend: { show: false },
    // On the right, half of the label of a time.
    padding: [8, 18, hasTimes ? 0 : 6, 0],
    cursor: {
      sync: { key: sync.key, setSeries: false },
      drag: { x: false, y: false },
      y: false,
      points: { size: 7, fill: (_, index) => colors[series[index - 1]?.color ?? "text"] },
    },
    scales: {
      x: { time: true },
      y: { range: (_, __, highest) => [0, top(highest, leastOf(highest))] },
    },
    axes: [
      {
        show: hasTimes === true,
        stroke: colors["text-meta"],
        font,
        size: 28,
        gap: 6,
        grid: { show: false },
        ticks: { show: false },
        values: timeLabels,
      },
      {
        stroke: colors["text-meta"],
        font,
        size: labelWidth,
        gap: 8,
        space: 34,
        grid: { stroke: colors.line, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map((split) => format(split)),
      },
    ],
    series: [
      {},
      ...series.map(({ label, color, dash, isFilled }) => ({
        label,
        stroke: colors[color],
        width: 1.5,
        // A line needs two values: one between gaps, like the first minute of a service, is drawn as a point.
        points: {
          show: false,
          size: 5,
          width: 1,
          fill: colors[color],
          filter: (plot: uPlot, index: number) => lonelyPlaces(plot.data[index] ?? []),
        },
        ...(dash && { dash: [...dash] }),
        ...(isFilled && { fill: transparent(colors[color]) }),
      })),
    ],
    hooks: {
      setCursor: [(plot) => onPlace(plot.cursor.idx ?? undefined)],
      draw: [(plot) => drawLines(plot, { objective: objective?.value, marks, colors })],
    },
  };
}

/** Places of values that have no value beside them; `null` if there are none. */
function lonelyPlaces(values: ArrayLike<number | null | undefined>): number[] | null {
  const isMissing = (place: number) => values[place] === null || values[place] === undefined;
  const places = Array.from(values, (_, place) => place).filter(
    (place) => !isMissing(place) && isMissing(place - 1) && isMissing(place + 1),
  );
  return places.length === 0 ? null : places;
}

/** An objective is drawn if the highest value is at least this part of it. */
const nearness = 3;

/** The end of an axis: a little above the highest value, and above what it has to show in any case. */
function top(highest: number, least: number): number {
  return Math.max(Number.isFinite(highest) ? highest : 0, least) * 1.1 || 1;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function timeLabels(_: uPlot, splits: number[], __: number, ___: number, step: number): string[] {
  return splits.map((split) => (step >= 86_400 ? day : clock).format(split * 1_000));
}

/** `rgb(1, 2, 3)` as `rgba(1, 2, 3, 0.12)`. */
function transparent(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)");
}

interface Lines {
  readonly objective: number | undefined;
  readonly marks: readonly Mark[];
  readonly colors: ChartColors;
}

/** The objective as a line across, events as lines down. */
function drawLines({ ctx, bbox, valToPos }: uPlot, { objective, marks, colors }: Lines): void {
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  if (objective !== undefined) {
    const y = valToPos(objective, "y", true);
    ctx.strokeStyle = colors.bad;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    if (y >= bbox.top) line(ctx, [bbox.left, y], [bbox.left + bbox.width, y]);
  }
  for (const { time, kind } of marks) {
    const x = valToPos(time, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = kind === "cutover" ? colors["text-meta"] : colors.warning;
    ctx.setLineDash(kind === "breaker" ? [] : [2 * devicePixelRatio, 3 * devicePixelRatio]);
    line(ctx, [x, bbox.top], [x, bbox.top + bbox.height]);
  }
  ctx.restore();
}

function line(
  ctx: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
