import { namesOf } from "../catalog/names.ts";
import { numberOfRole, roleOf, textsOfRole } from "../catalog/roles.ts";
import type { Source } from "../source.ts";
import type { FieldRole } from "../vocabulary/vocabulary.ts";

/** Something that a record's fields say about its food. */
export interface RecordFact {
  readonly role: FieldRole;
  /** A phrase with its unit: `160 kcal per 100 g`, `contains milk, eggs`. */
  readonly text: string;
}

const phrases: readonly (readonly [role: FieldRole, before: string])[] = [
  ["region", "from"],
  ["type", "type:"],
  ["ingredients", "ingredients:"],
  ["allergens", "contains"],
  ["mayContain", "may contain"],
  ["diet", "diet:"],
  ["season", "in season:"],
  ["meal", "eaten as:"],
  ["occasion", "occasions:"],
  ["preparation", "preparation:"],
  ["storage", "storage:"],
  ["nutrition", "nutrition:"],
];

/** The facts in a record's fields, in a fixed order; roles without a field, or without a value, are left out. */
export function factsOf(source: Source): RecordFact[] {
  const facts: RecordFact[] = [];
  for (const [role, before] of phrases) {
    const values = textsOfRole(source.metadata, role);
    if (values === undefined) continue;
    if (values.length === 0) {
      if (role === "allergens") facts.push({ role, text: "no allergens listed" });
      continue;
    }
    facts.push({ role, text: `${before} ${values.join(", ")}` });
  }
  if ((textsOfRole(source.metadata, "alcohol") ?? []).includes("true")) {
    facts.push({ role: "alcohol", text: "contains alcohol" });
  }
  const energy = energyOf(source);
  if (energy !== undefined) facts.push({ role: "energy", text: energy });
  return facts;
}

/** `378 kcal per 100 g (dry, uncooked)`. */
export function energyOf({ metadata }: Source): string | undefined {
  const kilocalories = numberOfRole(metadata, "energy");
  if (kilocalories === undefined) return undefined;
  const form = textsOfRole(metadata, "energyForm")?.[0];
  return `${kilocalories} kcal per 100 g${form === undefined ? "" : ` (${form})`}`;
}

/** The figure that a record is ranked by, with its unit if that is known. */
export function figureOf(source: Source, field: string | undefined): string | undefined {
  if (field === undefined) return undefined;
  if (roleOf(field) === "energy") return energyOf(source);
  const value = source.metadata[field];
  return typeof value === "number" ? String(value) : undefined;
}

/** What a food is called: its name, or how its text opens. */
export function nameOf({ metadata, text, id }: Source): string {
  const [name] = namesOf({ id, text, metadata });
  return name ?? text.split(/\s+/).slice(0, 4).join(" ");
}
