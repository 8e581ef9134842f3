import { isObject } from "../records/field-catalog.ts";

const fields = ["name", "title"] as const;

/** What people call a record, if its metadata says so. */
export function nameOf(metadata: unknown): string | undefined {
  if (!isObject(metadata)) return undefined;
  return fields
    .map((field) => metadata[field])
    .find((value): value is string => typeof value === "string" && value.trim() !== "");
}
