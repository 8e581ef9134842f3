import type { Document } from "../store/document.ts";

/** A food as a data file holds it; whatever fields come beside these are kept. */
export interface Food {
  readonly id: string;
  readonly text: string;
  readonly region?: string;
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** What a food without the field counts as. */
export const unknownRegion = "unknown";
export const generalType = "general";

/**
 * The default template of what is embedded: `{text}`, `{region}`, `{type}` or any other field of the food.
 */
export const foodTemplate = "{text} This food is popular in {region}. It is a type of {type}.";

/** The metadata field that keeps the text as it was; a food's own field of that name gives way to it. */
export const originalTextField = "original_text";

/**
 * A food as the document that is stored: its text filled into the template, its fields as metadata,
 * the text as it was in `original_text`.
 *
 * @param template e.g. `foodTemplate`; a field that the food lacks leaves its place empty
 */
export function toDocument(food: Food, template: string = foodTemplate): Document {
  const { id, text, ...fields } = food;
  const metadata = {
    ...fields,
    region: food.region ?? unknownRegion,
    type: food.type ?? generalType,
    [originalTextField]: text,
  };
  const values: Readonly<Record<string, unknown>> = { ...metadata, id, text };
  const enriched = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = Object.hasOwn(values, field) ? values[field] : undefined;
    return Array.isArray(value) ? value.join(", ") : String(value ?? "");
  });
  return { id, text: enriched.trim(), metadata };
}
