/** A measure for each time of the history; `null` is a gap. */
export type Measures = readonly (number | null)[];

/** Something that happened at a moment: a mark on the time axis. */
export interface Mark {
  /** Epoch seconds. */
  readonly time: number;
  readonly kind: "fallback" | "breaker" | "cutover";
  readonly text: string;
}

/** What was measured over a span, for charts. */
export interface History {
  /** Epoch seconds, ascending. */
  readonly times: readonly number[];
  /** Milliseconds. */
  readonly average: Measures;
  readonly p50: Measures;
  readonly p95: Measures;
  readonly p99: Measures;
  /** Requests a minute. */
  readonly requests: Measures;
  /** Share of failed requests. */
  readonly errors: Measures;
  /** Share of requests that were refused because of overload. */
  readonly refused: Measures;
  readonly availability: Measures;
  /** Reads a minute that a store answered in place of one that failed. */
  readonly fallbacks: Measures;
  readonly marks: readonly Mark[];
  /** Why requests failed or were refused: how often each, the most frequent first. */
  readonly causes: readonly { readonly code: string; readonly count: number }[];
}

/** A span that can be chosen. */
export interface Range {
  /** For the address of the page. */
  readonly id: string;
  readonly label: string;
  readonly spanMs: number;
  readonly stepMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

export const ranges: readonly Range[] = [
  { id: "1h", label: "1 h", spanMs: hour, stepMs: minute },
  { id: "6h", label: "6 h", spanMs: 6 * hour, stepMs: 2 * minute },
  { id: "24h", label: "24 h", spanMs: 24 * hour, stepMs: 10 * minute },
  { id: "7d", label: "7 days", spanMs: 7 * 24 * hour, stepMs: hour },
  { id: "30d", label: "30 days", spanMs: 30 * 24 * hour, stepMs: 6 * hour },
];

/** The range of an address. */
export function rangeOf(id: string | null): Range | undefined {
  return ranges.find((range) => range.id === id);
}

/** The range that opens first: the longest up to a day of which something like half was measured. */
export function rangeFor(measuredSince: string | null, now: number): Range {
  const measuredMs = measuredSince === null ? 0 : now - Date.parse(measuredSince);
  const [shortest, ...longer] = ranges.filter(({ spanMs }) => spanMs <= 24 * hour) as [Range, ...Range[]];
  return longer.findLast(({ spanMs }) => measuredMs >= spanMs / 2) ?? shortest;
}
