import type { DeleteTarget, RecordChange } from "../../index/changes.ts";
import { invalid } from "../../index/validation.ts";
import type { IndexLimits } from "../../settings.ts";
import type { StoredRecord } from "../../storage/record.ts";
import {
  choiceOf,
  dataOf,
  denseOf,
  type Fields,
  fieldsOf,
  idOf,
  idsOf,
  isFields,
  itemsOf,
  metadataOf,
  sparseOf,
  textOf,
} from "../body.ts";
import type { Call } from "../call.ts";
import { filterOf } from "./filter.ts";

export async function upsertVectors({ index, namespace, body, ownsBody, limits }: Call): Promise<string> {
  const records = itemsOf(body, limits).map(
    (item): StoredRecord => ({
      id: idOf(item.id),
      dense: denseOf(item, ownsBody),
      sparse: sparseOf(item, limits),
      metadata: metadataOf(item, limits),
      data: dataOf(item, limits),
    }),
  );
  await index.whenFree(() => index.upsert(namespace, records));
  return "Success";
}

export async function upsertData({ index, namespace, body, limits }: Call): Promise<string> {
  index.requireModel();
  const items = itemsOf(body, limits).map((item) => ({
    id: idOf(item.id),
    metadata: metadataOf(item, limits),
    data: requiredText(item, limits),
  }));
  const vectors = await index.embed(
    items.map(({ data }) => data),
    "document",
  );
  const records = items.map(
    (item, place): StoredRecord => ({
      ...item,
      dense: vectors[place]?.dense,
      sparse: vectors[place]?.sparse,
    }),
  );
  await index.whenFree(() => index.upsert(namespace, records));
  return "Success";
}

function requiredText(item: Fields, limits: IndexLimits): string {
  const data = dataOf(item, limits);
  if (data === undefined) throw invalid("data is required to embed a record");
  return data;
}

export async function updateRecord({
  index,
  namespace,
  body,
  ownsBody,
  limits,
}: Call): Promise<{ updated: number }> {
  const fields = fieldsOf(body);
  const dense = denseOf(fields, ownsBody);
  const sparse = sparseOf(fields, limits);
  const data = dataOf(fields, limits);
  metadataOf(fields, limits);
  const change: RecordChange = {
    id: idOf(fields.id),
    metadataMode: choiceOf(fields, "metadataUpdateMode", ["OVERWRITE", "PATCH"]) ?? "OVERWRITE",
    ...(dense && { dense }),
    ...(sparse && { sparse }),
    ...(data !== undefined && { data }),
    ...(isFields(fields.metadata) && { metadata: fields.metadata }),
  };
  return { updated: (await index.update(namespace, change)) ? 1 : 0 };
}

/** Takes the ids also as a bare list, or one id as bare text, as the Go client sends it. */
export async function deleteRecords({ index, namespace, body, limits }: Call): Promise<{ deleted: number }> {
  const fields =
    typeof body === "string" ? { ids: [body] } : Array.isArray(body) ? { ids: body } : fieldsOf(body);
  const target = targetOf(fields, limits);
  return { deleted: await index.whenFree(() => index.remove(namespace, target)) };
}

function targetOf(fields: Fields, limits: IndexLimits): DeleteTarget {
  const prefix = textOf(fields, "prefix");
  const filter = filterOf(fields);
  const given = [fields.ids ?? undefined, prefix, filter].filter((part) => part !== undefined);
  if (given.length !== 1) throw invalid("Only and only one of the ids, prefix, or filter must be provided.");
  if (prefix === "") throw invalid("The prefix is empty: it would delete every record. Use reset for that.");
  if (prefix !== undefined) return { prefix };
  if (filter !== undefined) return { filter };
  return { ids: Array.isArray(fields.ids) ? idsOf(fields.ids, limits) : [idOf(fields.ids)] };
}
