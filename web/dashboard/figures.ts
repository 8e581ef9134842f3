import { bytes, count, dollars, duration, percent, time } from "../components/format.ts";

export interface Figure {
  readonly label: string;
  readonly value: string;
}

/** Figures that a panel shows. */
const most = 6;

/** The figures of a section as names and values: `monthToDateUsd: 1.5` as "month to date" and "$1.50". */
export function figuresOf(details: unknown): Figure[] {
  if (typeof details !== "object" || details === null || Array.isArray(details)) return [];
  return Object.entries(details)
    .flatMap(([name, value]) => figure(name, value) ?? [])
    .slice(0, most);
}

/** Endings of names, with how their values are written. */
const units: readonly (readonly [ending: RegExp, write: (value: number) => string])[] = [
  [/(?:Usd|Dollars)$/, dollars],
  [/Bytes$/, bytes],
  [/(?:Ms|Milliseconds)$/, duration],
  [/(?:Share|Ratio)$/, percent],
];

function figure(name: string, value: unknown): Figure | undefined {
  if (typeof value === "boolean")
    return { label: words(name.replace(/^is(?=[A-Z])/, "")), value: value ? "yes" : "no" };
  if (typeof value === "string") {
    const isMoment = /^\d{4}-\d\d-\d\dT/.test(value);
    return { label: words(isMoment ? name.replace(/At$/, "") : name), value: isMoment ? time(value) : value };
  }
  if (typeof value !== "number") return undefined;
  const [ending, write] = units.find(([each]) => each.test(name)) ?? [/$/, count];
  return { label: words(name.replace(ending, "")), value: write(value) };
}

/** `monthToDate` as `month to date`. */
function words(name: string): string {
  return name.replace(
    /([a-z\d])([A-Z])/g,
    (_, left: string, right: string) => `${left} ${right.toLowerCase()}`,
  );
}
