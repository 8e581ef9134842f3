import { UsageError } from "../foundation/errors.ts";
import type { TextOption } from "./command.ts";

/** The options of commands that look at a span of time. */
export const spanOptions = {
  last: { type: "text", value: "span", summary: "the time until now, like 12h, 7d or 4w (default: 7d)" },
  from: {
    type: "text",
    value: "time",
    summary: "begin: a day like 2026-11-23, or a time like 2026-11-23T08:00Z (UTC)",
  },
  to: { type: "text", value: "time", summary: "end, not included: a day or a time (default: now)" },
} as const satisfies Record<string, TextOption>;

/** Milliseconds since 1970, the end not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const unitMs = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

interface SpanValues {
  readonly last: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** @throws {UsageError} for a time that is not one, and for a span that ends before it begins */
export function spanOf({ last, from, to }: SpanValues, now: number = Date.now()): Span {
  if (last !== undefined && (from !== undefined || to !== undefined))
    throw new UsageError("--last cannot be used with --from or --to: it ends now.");
  const end = to === undefined ? now : timeOf("to", to);
  const begin = from === undefined ? end - lengthOf(last ?? "7d") : timeOf("from", from);
  if (begin < end) return { from: begin, to: end };
  throw new UsageError(
    `The span has to begin before it ends: ${new Date(begin).toISOString()} is not before ${new Date(end).toISOString()}.`,
  );
}

function lengthOf(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const length = Number(count) * unitMs[unit as keyof typeof unitMs];
  if (length > 0) return length;
  throw new UsageError(`--last has to be a number with h, d or w, like 12h, 7d or 4w; it is "${text}".`);
}

/** A day begins at 00:00 UTC; a time without a zone is in UTC. */
function timeOf(name: string, text: string): number {
  const match = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const zoned = match?.[1] !== undefined && match[4] === undefined ? `${text}Z` : text;
  const time = match ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(
    `--${name} has to be a day like 2026-11-23 or a time like 2026-11-23T08:00Z; it is "${text}".`,
  );
}
