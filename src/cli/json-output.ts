import { JsonText, stringifyJson } from "../foundation/exact-json/index.ts";

export interface FormatOptions {
  /** Put before each level. Default: all on one line. */
  readonly indent?: string;
  /** Changes the plain value before it is written: removes secrets. */
  readonly transform?: (value: unknown) => unknown;
}

/**
 * A value as JSON text for a program: as `JSON.stringify` writes it, but integers beyond 2^53 keep their digits. A
 * number without a form in JSON is `null`.
 */
export function formatJson(value: unknown, { indent = "", transform }: FormatOptions = {}): string {
  const plainValue = plain(value);
  return format(transform ? transform(plainValue) : plainValue, indent, "");
}

/** The value of plain lists and objects, as JSON holds it. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof JsonText) return plain(Number(value));
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON());
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, plain);
  const fields = Object.entries(value).filter(
    ([, field]) => field !== undefined && typeof field !== "function",
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}

function format(value: unknown, indent: string, before: string): string {
  if (typeof value !== "object" || value === null) return stringifyJson(value ?? null);
  const isList = Array.isArray(value);
  const [open, close] = isList ? "[]" : "{}";
  const inner = before + indent;
  const parts = isList
    ? value.map((item) => format(item, indent, inner))
    : Object.entries(value).map(
        ([name, field]) =>
          `${JSON.stringify(name)}:${indent === "" ? "" : " "}${format(field, indent, inner)}`,
      );
  if (parts.length === 0 || indent === "") return `${open}${parts.join()}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${before}${close}`;
}
