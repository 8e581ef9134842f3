import { stringifyJson } from "../../foundation/exact-json/index.ts";
import type { Alteration, Omission } from "../omission.ts";

/** How a source and a target can differ. */
export const differenceKinds = [
  "missing",
  "extra",
  "duplicate-id",
  "text",
  "metadata",
  "vector",
  "sparse-vector",
  "omitted-record",
  "omitted-field",
  "altered-field",
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

/** Kinds that the user asked for: `--skip-refused`, `--drop-keys`, `--large-integers`. They differ, and do not fail. */
const requestedKinds: readonly DifferenceKind[] = ["omitted-record", "omitted-field", "altered-field"];

export function isRequested({ kind }: Pick<Difference, "kind">): boolean {
  return requestedKinds.includes(kind);
}

/** Differences that nobody asked for. */
export function unrequestedCount(counts: DifferenceCounts, allowExtras = false): number {
  const accepted = allowExtras ? [...requestedKinds, "extra"] : requestedKinds;
  return differenceKinds.reduce((sum, kind) => sum + (accepted.includes(kind) ? 0 : counts[kind]), 0);
}

export function altered({ id, field, reason: detail }: Alteration): Difference {
  return { kind: "altered-field", id, path: field, detail };
}

export function omitted({ id, field, reason: detail }: Omission): Difference {
  return field === undefined
    ? { kind: "omitted-record", id, detail: `is left out by --skip-refused: ${detail}` }
    : { kind: "omitted-field", id, path: field, detail };
}

/** Maximum characters of a quoted value. */
const quotedCharacters = 100;
/** Characters shown before the difference. */
const leadCharacters = 20;

/** @param from the character that must be shown */
export function quotedValue(value: unknown, from = 0): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" && !Number.isFinite(value) ? `${value}` : stringifyJson(value);
  const start = text.length <= quotedCharacters ? 0 : Math.max(0, from - leadCharacters);
  const end = start + quotedCharacters;
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}
