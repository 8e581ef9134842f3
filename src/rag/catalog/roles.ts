import { JsonText } from "../../foundation/exact-json/index.ts";
import type { Metadata } from "../../store/document.ts";
import { type FieldRole, readVocabulary } from "../vocabulary/vocabulary.ts";

let roles: Map<string, FieldRole> | undefined;

/** What a metadata field is about; `undefined` for a field that the question analysis does not know. */
export function roleOf(field: string): FieldRole | undefined {
  roles ??= new Map(
    Object.entries(readVocabulary().fields).flatMap(([role, fields]) =>
      fields.map((name) => [name.toLowerCase(), role as FieldRole] as const),
    ),
  );
  return roles.get(field.toLowerCase());
}

/** The values of all fields of a role in one record, as texts; `undefined` if the record has no such field. */
export function textsOfRole(metadata: Metadata, role: FieldRole): string[] | undefined {
  let texts: string[] | undefined;
  for (const field of Object.keys(metadata)) {
    if (roleOf(field) !== role) continue;
    const value = metadata[field];
    if (value === null || value === undefined) continue;
    texts ??= [];
    texts.push(...textsOf(value));
  }
  return texts;
}

/** The first number in a field of a role. */
export function numberOfRole(metadata: Metadata, role: FieldRole): number | undefined {
  for (const field of Object.keys(metadata)) {
    if (roleOf(field) !== role) continue;
    const value = metadata[field];
    if (typeof value === "number" && Number.isFinite(value)) return value;
  }
  return undefined;
}

/** The texts of a value: a text, a list of texts, or a text that lists them (`milk, eggs`). */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === "string") return value.trim() === "" ? [] : [value.trim()];
  const isNumber = typeof value === "number" || value instanceof JsonText;
  return isNumber || typeof value === "boolean" ? [String(value)] : [];
}
