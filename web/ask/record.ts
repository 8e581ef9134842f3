import { recordTitle } from "../components/record-title.ts";
import type { Source } from "../service/contract.ts";

/** What the page calls a record: its name, its title, or its id. */
export function titleOf({ id, metadata }: Pick<Source, "id" | "metadata">): string {
  return recordTitle(metadata) ?? id;
}

/** What answers call a record: its `name`, or its id. */
export function nameOf({ id, metadata }: Pick<Source, "id" | "metadata">): string {
  const { name } = metadata;
  return typeof name === "string" && name.trim() !== "" ? name : id;
}

/** The texts of a field that holds a list, or one text. */
export function textsOf({ metadata }: Pick<Source, "metadata">, field: string): string[] {
  const value = metadata[field];
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each): each is string => typeof each === "string");
}

/** Whether the record says which allergens it has, be it none. */
export function listsAllergens({ metadata }: Pick<Source, "metadata">): boolean {
  return Array.isArray(metadata.allergens);
}

/** `energy_kcal_per_100g` as `energy kcal per 100g`, `mayContain` as `may contain`. */
export function fieldLabel(field: string): string {
  return field
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, (_, left: string, right: string) => `${left} ${right.toLowerCase()}`);
}

/** A value of metadata as text. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(valueText).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
