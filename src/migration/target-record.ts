import { toDocument } from "../foods/food.ts";
import type { Metadata, StoreRecord } from "../store/document.ts";
import type { Embedding } from "./target.ts";

/** How a record changes on its way to the target. */
export interface RecordTransformation {
  readonly embedding: Embedding;
  /**
   * The text that the target embeds, such as `foodTemplate`. Default: the unchanged text. Without effect if vectors are
   * carried: they were made from the unchanged text.
   */
  readonly template?: string | undefined;
}

/**
 * A record of the source as the target has to hold it. Import, plan and verification share it, so that they cannot
 * disagree.
 *
 * - Vectors are carried: the record is not changed.
 * - The target embeds: no vectors. With a template, the text is filled into it, the original stays in `original_text`
 *   if it differs, and `region` and `type` get their defaults if the template names them. A record with an `original_text` was enriched before:
 *   the template is filled with that, so that nothing is enriched twice. A record without text gets none.
 */
export function toTargetRecord(record: StoreRecord, transformation: RecordTransformation): StoreRecord {
  if (transformation.embedding === "carried") return record;
  const { id, text, metadata } = record;
  const parts = { id, ...(metadata && { metadata }) };
  if (text === undefined) return parts;
  return transformation.template === undefined
    ? { ...parts, text }
    : enriched(id, text, metadata ?? {}, transformation.template);
}

function enriched(id: string, text: string, metadata: Metadata, template: string): StoreRecord {
  const { original_text: original, ...fields } = metadata;
  const plainText = typeof original === "string" ? original : text;
  const document = toDocument({ ...fields, id, text: plainText }, template);
  // Metadata may have keys `id` and `text`, which are not fields of a food.
  return { id, text: document.text, metadata: { ...fields, ...document.metadata } };
}
