const fields = ["name", "title"] as const;

/** What people call a record, if its metadata says so. */
export function recordTitle(metadata: unknown): string | undefined {
  if (typeof metadata !== "object" || metadata === null) return undefined;
  return fields
    .map((field) => (metadata as Readonly<Record<string, unknown>>)[field])
    .find((value): value is string => typeof value === "string" && value.trim() !== "");
}
