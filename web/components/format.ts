import { durationText } from "../../src/foundation/duration-text.ts";

/** Numbers, times and amounts as the pages write them. Times are in the zone of the browser. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Not measured. */
export const none = "–";

export function count(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** `0.8 ms`, `41 ms`, `1.25 s`, `2 s`. */
export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return none;
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(1))} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${Number((milliseconds / 1_000).toFixed(2))} s`;
}

/** `99.95 %`, `12 %`; as many digits as tell 99.9 from 99.99. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return none;
  const value = share * 100;
  const digits = value === 0 || value === 100 ? 0 : Math.abs(value) < 1 || value > 99 ? 2 : 1;
  // Almost all is not all.
  const shown = value < 100 ? Math.min(value, 99.99) : value;
  return `${Number(shown.toFixed(digits))} %`;
}

/** `14:02`, on another day `3 Nov, 14:02`. */
export function time(moment: string | number): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return none;
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

/** The zone of the browser, in which every page shows its times: `Europe/Berlin`. */
export function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A sentence of the service, whose times are in UTC, with the times of this page. @param now its day, if it names none */
export function withLocalTimes(sentence: string, now: number): string {
  const today = new Date(now).toISOString().slice(0, 10);
  return sentence.replace(
    /(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d(?::\d\d)?) UTC/g,
    (_, day: string | undefined, clockTime: string) => time(`${day ?? today}T${clockTime}Z`),
  );
}

/** `3 min ago`; `now` within two seconds. */
export function age(moment: string | number, now: number): string {
  return now - new Date(moment).getTime() < 1_500 ? "now" : `${roughSpan(moment, now)} ago`;
}

/** `2 h`: how long it is since a moment, in the largest unit. */
export function roughSpan(moment: string | number, now: number): string {
  return span(moment, now).replace(/^(\d+ \w+) .*/, "$1");
}

/** `22 min`, `2 h 5 min`: how long it is since a moment. */
export function span(moment: string | number, now: number): string {
  return durationText(now - new Date(moment).getTime());
}

/** A text in which no line ends between a number and its unit. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=(?:%|ms|s|min|h|d)(?:\W|$))/g, "$1\u00a0");
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `328 B`, `1.9 MiB`, `46 MiB`: in the units of the command line. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1_024 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(scaled < 10 ? 1 : 0)} ${byteUnits[power]}`;
}

export function dollars(value: number): string {
  return `$${value < 100 ? value.toFixed(2) : count(value)}`;
}
