import { stringifyJson } from "../../foundation/exact-json/index.ts";

/** How a source and a target can differ. */
export const differenceKinds = [
  "missing",
  "extra",
  "duplicate-id",
  "text",
  "metadata",
  "vector",
  "sparse-vector",
] as const;

export type DifferenceKind = (typeof differenceKinds)[number];

/** In what way a value of the metadata can differ. */
export type MetadataChange = "absent" | "added" | "type" | "value" | "length" | "order";

/** One difference of one record. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly id: string;
  readonly change?: MetadataChange;
  /** The place within the metadata: `sizes[2].unit`, `["a b"]`. */
  readonly path?: string;
  /** The values of source and target as JSON, cut to about 100 characters around the difference. */
  readonly expected?: string;
  readonly actual?: string;
  /** One clause for a person. */
  readonly detail: string;
}

/** A difference without the id of its record. */
export type RecordDifference = Omit<Difference, "id">;

export type DifferenceCounts = Readonly<Record<DifferenceKind, number>>;

/** Maximum characters of a quoted value. */
const quotedCharacters = 100;
/** Characters shown before the difference. */
const leadCharacters = 20;

/** @param from the character that must be shown */
export function quoted(value: unknown, from = 0): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" && !Number.isFinite(value) ? `${value}` : stringifyJson(value);
  const start = text.length <= quotedCharacters ? 0 : Math.max(0, from - leadCharacters);
  const end = start + quotedCharacters;
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}
