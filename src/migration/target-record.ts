import { toDocument } from "../foods/food.ts";
import type { Metadata, StoreRecord } from "../store/document.ts";
import type { Embedding } from "./target.ts";

/** What becomes of a record on its way. */
export interface RecordTransformation {
  readonly embedding: Embedding;
  /**
   * What the target embeds of a record, as `foodTemplate`. Default: its text as it is. Without effect where
   * vectors are carried: they were made of the text as it is.
   */
  readonly template?: string | undefined;
}

/**
 * A record of the source as the target has to hold it. Import, plan and verification share it, so that they
 * cannot disagree.
 *
 * - Vectors carried: the record as it is.
 * - The target embeds: no vectors; with a template the text is filled into it, the text as it was goes into
 *   `original_text`, and `region` and `type` take their defaults. A record that has an `original_text` was
 *   enriched before and is filled in anew from that, so that nothing is enriched twice. A record without text
 *   stays without.
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
  // Metadata may have keys `id` and `text` of its own, which a food's fields do not.
  return { id, text: document.text, metadata: { ...fields, ...document.metadata } };
}
