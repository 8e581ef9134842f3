import { answerTooLarge } from "../../index/answer-budget.ts";
import { invalid } from "../../index/validation.ts";
import { partsOf } from "../answer.ts";
import { countOf, type Fields, fieldsOf, idOf, idsOf, isEmptyBody, textOf } from "../body.ts";
import type { Call } from "../call.ts";

export function fetchRecords({ index, namespace, body, limits, form, budget }: Call): unknown[] {
  const fields = Array.isArray(body) ? { ids: body } : fieldsOf(body);
  const prefix = textOf(fields, "prefix");
  const hasIds = (fields.ids ?? undefined) !== undefined;
  if (hasIds && prefix !== undefined) throw invalid("Only one of ids or prefix must be provided.");
  if (!hasIds && prefix === undefined) throw invalid("One of ids or prefix must be provided.");
  const parts = partsOf(fields);
  if (prefix !== undefined) {
    const { next, records } = index.range(namespace, 0, limits.batch, prefix, parts, budget);
    if (next !== undefined && records.length < limits.batch) throw answerTooLarge("");
    return records.map((record) => form.record(record));
  }
  const ids = Array.isArray(fields.ids) ? idsOf(fields.ids, limits) : [idOf(fields.ids)];
  return index.fetch(namespace, ids, parts, budget).map((record) => (record ? form.record(record) : null));
}

export function rangeRecords({ index, namespace, body, limits, form, budget }: Call): {
  nextCursor: string;
  vectors: unknown[];
} {
  const fields = isEmptyBody(body) ? {} : fieldsOf(body);
  const limit = countOf(fields, "limit", limits.batch, limits.batch);
  const prefix = textOf(fields, "prefix") ?? "";
  const page = index.range(namespace, cursorOf(fields), limit, prefix, partsOf(fields), budget);
  return {
    nextCursor: page.next === undefined ? "" : String(page.next),
    vectors: page.records.map((record) => form.record(record)),
  };
}

/** The position that the last page ended at, as text or as a number; nothing, `""` and 0 start. */
function cursorOf(fields: Fields): number {
  const cursor = fields.cursor ?? "";
  const position = typeof cursor === "number" || typeof cursor === "string" ? Number(cursor) : Number.NaN;
  if (!Number.isSafeInteger(position) || position < 0)
    throw invalid("cursor must be one that range returned, or 0");
  return position;
}

export function randomRecord({ index, namespace, form }: Call): unknown {
  const record = index.random(namespace);
  return record ? form.record(record) : null;
}
