import { html, type Markup } from "./markup.ts";

/** A value at a time; `undefined` is a gap and is drawn as one. */
interface ChartPoint {
  readonly time: string;
  readonly value: number | undefined;
}

interface Series {
  readonly name: string;
  /** Class of the stylesheet: `series-1` and so on. */
  readonly style: string;
  readonly points: readonly ChartPoint[];
}

export interface ChartOptions {
  /** What the chart shows, for readers who do not see it. */
  readonly description: string;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Default: `format`. */
  readonly formatAxis?: (value: number) => string;
  /** How a point in time is named in a note. */
  readonly formatTime: (time: string) => string;
  /** Less high, for charts with few points. */
  readonly isLow?: boolean;
  /** A horizontal line. */
  readonly target?: { readonly value: number; readonly name: string };
}

/** The drawing area: stretched to the width of the page, so that its lines keep their width and its texts are HTML. */
const width = 1_000;
const height = 200;
/** Of a bar, so that few days do not look like a wall. */
const widestBar = 56;
/** Labels on the axis of time. */
const timeLabels = 8;

/** Lines over time, with a gap for each time without a measurement. */
export function lineChart(options: ChartOptions): Markup {
  const { series, target } = options;
  const values = series.flatMap(({ points }) => points.flatMap(({ value }) => value ?? []));
  const top = niceTop(Math.max(...values, target?.value ?? 0));
  const count = series[0]?.points.length ?? 0;
  const x = (place: number) => round(((place + 0.5) / count) * width);
  const y = (value: number) => round(height - (value / top) * height);
  const line =
    target &&
    html`<line class="target" x1="0" x2="${width}" y1="${y(target.value)}" y2="${y(target.value)}"/>`;
  const drawn = series.map(
    ({ style, points }) =>
      html`<path class="line ${style}" d="${pathOf(points, x, y)}"/>${lonePoints(points).map((place) => html`<line class="dot ${style}" x1="${x(place)}" x2="${x(place)}" y1="${y(points[place]?.value ?? 0)}" y2="${y(points[place]?.value ?? 0)}"/>`)}`,
  );
  return frame(options, top, html`${line}${drawn}${notes(options)}`);
}

/** Bars over time, one series on top of the other. */
export function barChart(options: ChartOptions): Markup {
  const { series } = options;
  const count = series[0]?.points.length ?? 0;
  const sums = Array.from({ length: count }, (_, place) => sumAt(series, place));
  const top = niceTop(Math.max(...sums, 0));
  const step = width / count;
  const size = Math.min(step - Math.min(step * 0.25, 6), widestBar);
  const bars: Markup[] = [];
  for (let place = 0; place < count; place++) {
    let base = 0;
    for (const { style, points } of series) {
      const value = points[place]?.value ?? 0;
      if (value === 0) continue;
      const length = (value / top) * height;
      bars.push(
        html`<rect class="bar ${style}" x="${round((place + 0.5) * step - size / 2)}" y="${round(height - base - length)}" width="${round(size)}" height="${round(length)}"/>`,
      );
      base += length;
    }
  }
  return frame(options, top, html`${bars}${notes(options)}`);
}

/** Share as a bar with its interval, from 0 to 1. */
export function intervalChart(value: number, low: number, high: number, description: string): Markup {
  const percent = (share: number) => round(100 * share);
  return html`<svg class="interval" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${description}"><rect class="track" width="100" height="8"/><rect class="range" x="${percent(low)}" width="${percent(high - low)}" height="8"/><line class="mark" x1="${percent(value)}" x2="${percent(value)}" y1="0" y2="8"/></svg><div class="scale" aria-hidden="true"><span>0</span><span>0.5</span><span>1</span></div>`;
}

function frame(
  { series, target, description, format, formatAxis = format, formatTime, isLow = false }: ChartOptions,
  top: number,
  drawing: Markup,
): Markup {
  const lines = [0.25, 0.5, 0.75].map(
    (share) => html`<line class="grid" x1="0" x2="${width}" y1="${height * share}" y2="${height * share}"/>`,
  );
  const labels = [1, 0.75, 0.5, 0.25, 0].map((share) => html`<span>${formatAxis(top * share)}</span>`);
  const legend = series.map(({ name, style }) => html`<li><i class="${style}"></i>${name}</li>`);
  const goal = target && html`<li><i class="target"></i>${target.name}</li>`;
  return html`<figure class="chart${isLow ? " low" : ""}">
<ul class="legend">${legend}${goal}</ul>
<div class="plot"><div class="axis-y" aria-hidden="true">${labels}</div>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${description}">${lines}${drawing}</svg></div>
<div class="axis-x" aria-hidden="true">${timeAxis(series[0]?.points ?? [], formatTime)}</div>
</figure>`;
}

/** Few points have a label each, in the middle; of many hours the midnights have one; others are spread evenly. */
function timeAxis(points: readonly ChartPoint[], formatTime: ChartOptions["formatTime"]): Markup[] {
  const isFew = points.length <= timeLabels;
  const midnights = points.flatMap(({ time }, place) => (time.slice(11, 16) === "00:00" ? [place] : []));
  const candidates = midnights.length > 2 ? midnights : [...points.keys()];
  const step = Math.ceil(candidates.length / timeLabels);
  return candidates
    .filter((_, place) => place % step === 0)
    .map((place) => {
      const left = round((100 * (place + (isFew ? 0.5 : 0))) / points.length);
      // It would be cut off.
      if (!isFew && left > 94) return html``;
      const time = points[place]?.time ?? "";
      const label = midnights.length > 2 ? dayLabel(time) : formatTime(time);
      return html`<span class="${isFew ? "middle" : ""}" style="left: ${left}%">${label}</span>`;
    });
}

/** `30 Nov` */
export function dayLabel(time: string): string {
  return new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

/** What a pointer over a point shows, without a script: an SVG title over the whole height. */
function notes({ series, format, formatTime }: ChartOptions): Markup[] {
  const points = series[0]?.points ?? [];
  const step = width / points.length;
  return points.map(({ time }, place) => {
    const values = series.map(({ name, points: own }) => {
      const value = own[place]?.value;
      return `${name}: ${value === undefined ? "not measured" : format(value)}`;
    });
    return html`<rect class="note" x="${round(place * step)}" y="0" width="${round(step)}" height="${height}"><title>${[formatTime(time), ...values].join("\n")}</title></rect>`;
  });
}

function pathOf(
  points: readonly ChartPoint[],
  x: (place: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let isDrawing = false;
  for (const [place, { value }] of points.entries()) {
    if (value === undefined) {
      isDrawing = false;
      continue;
    }
    path += `${isDrawing ? "L" : "M"}${x(place)} ${y(value)}`;
    isDrawing = true;
  }
  return path;
}

/** Points without a neighbour, of which a path draws nothing. */
function lonePoints(points: readonly ChartPoint[]): number[] {
  return points.flatMap(({ value }, place) => {
    const hasNeighbour = points[place - 1]?.value !== undefined || points[place + 1]?.value !== undefined;
    return value !== undefined && !hasNeighbour ? [place] : [];
  });
}

function sumAt(series: readonly Series[], place: number): number {
  return series.reduce((sum, { points }) => sum + (points[place]?.value ?? 0), 0);
}

/** Ends of an axis whose quarters are round too. */
const smallTops = [4, 8, 12, 20, 40, 60, 80, 100];

function niceTop(value: number): number {
  const small = smallTops.find((top) => top >= value);
  if (small !== undefined) return small;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 6, 8].find((factor) => factor * power >= value) ?? 10);
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
