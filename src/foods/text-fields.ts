import { JsonText } from "../foundation/exact-json/index.ts";

/** Fields that hold the text of a record in files of other applications, the most telling first. */
const usualFields = [
  "name",
  "title",
  "description",
  "content",
  "body",
  "summary",
  "document",
  "page_content",
  "pageContent",
];

/**
 * A record with its `text` made of other fields, as sentences in the order of `fields`; unchanged without `fields`. The
 * fields are kept. A field that is missing or empty is skipped; without any, the record has no text.
 */
export function withText(value: unknown, fields: readonly string[]): unknown {
  if (fields.length === 0 || typeof value !== "object" || value === null || Array.isArray(value))
    return value;
  const record = value as Record<string, unknown>;
  const parts = fields.flatMap((field) => textOf(Object.hasOwn(record, field) ? record[field] : undefined));
  const { text: _, ...rest } = record;
  return parts.length === 0 ? rest : { ...rest, text: parts.map(asSentence).join(" ") };
}

/** Fields of a record that may hold its text. */
export function likelyTextFields(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const record = value as Record<string, unknown>;
  return usualFields.filter((field) => Object.hasOwn(record, field) && textOf(record[field]).length > 0);
}

function textOf(value: unknown): string[] {
  if (isNumber(value)) return [String(value)];
  if (Array.isArray(value)) {
    const words = value.filter((item) => typeof item === "string" || isNumber(item));
    return words.length === 0 ? [] : [words.join(", ")];
  }
  return typeof value === "string" && value.trim() !== "" ? [value.trim()] : [];
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || value instanceof JsonText;
}

function asSentence(part: string, place: number, parts: readonly string[]): string {
  const isLast = place === parts.length - 1;
  return isLast || /[.!?…。！？:;,]$/.test(part) ? part : `${part}.`;
}
