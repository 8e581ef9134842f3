import type { Document, Metadata } from "../store/document.ts";

/** A food as a data file holds it; all other fields are kept. */
export interface Food {
  readonly id: string;
  readonly text: string;
  readonly region?: string;
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** The values of a food without the field. */
export const unknownRegion = "unknown";
export const generalType = "general";

/** The metadata of a stored food without the values that stand for a missing field: they say nothing about it. */
export function withoutPlaceholders(metadata: Metadata): Metadata {
  const { region, type, ...fields } = metadata;
  return {
    ...fields,
    ...(region !== undefined && region !== unknownRegion && { region }),
    ...(type !== undefined && type !== generalType && { type }),
  };
}

/**
 * The default template of the text that is embedded: `{text}`, `{region}`, `{type}` or any other field of the food.
 */
export const foodTemplate = "{text} This food is popular in {region}. It is a type of {type}.";

/** The metadata field that keeps the text before the template; a food's own field of that name is replaced. */
export const originalTextField = "original_text";

/**
 * A food as the document that is stored: its text filled into the template, its fields as metadata. If the template
 * changes the text, the metadata keeps the original in `original_text`.
 *
 * @param template e.g. `foodTemplate`; a field that the food lacks leaves its place empty. A region or type that is
 *   missing is stored as `unknown` or `general` only if the template names it.
 */
export function toDocument(food: Food, template: string = foodTemplate): Document {
  const { id, text, [originalTextField]: _, ...fields } = food;
  const metadata = {
    ...fields,
    ...(food.region === undefined && template.includes("{region}") && { region: unknownRegion }),
    ...(food.type === undefined && template.includes("{type}") && { type: generalType }),
  };
  const values: Readonly<Record<string, unknown>> = { ...metadata, id, text };
  const enriched = template
    .replace(/\{(\w+)\}/g, (_, field: string) => {
      const value = Object.hasOwn(values, field) ? values[field] : undefined;
      return Array.isArray(value) ? value.join(", ") : String(value ?? "");
    })
    .trim();
  return {
    id,
    text: enriched,
    metadata: enriched === text ? metadata : { ...metadata, [originalTextField]: text },
  };
}
