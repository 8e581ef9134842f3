import { invalid } from "../../index/validation.ts";
import { partsOf } from "../answer.ts";
import { countOf, fieldsOf, textOf } from "../body.ts";
import type { Call } from "../call.ts";
import { type ParsedQuery, parseDataQueries, parseQuery } from "./query.ts";

const defaultMaxIdleSeconds = 3_600;
const maximumMaxIdleSeconds = 7 * 24 * 3_600;

interface WireStart {
  readonly uuid: string;
  readonly scores: unknown[];
}

export function startResumable(call: Call): Promise<WireStart> {
  return start(call, parseQuery(call, fieldsOf(call.body)));
}

export async function startResumableData(call: Call): Promise<WireStart> {
  const [query] = await parseDataQueries(call, [fieldsOf(call.body)]);
  return await start(call, query as ParsedQuery);
}

async function start(
  { index, namespace, form, budget }: Call,
  { fields, request }: ParsedQuery,
): Promise<WireStart> {
  const maxIdle = countOf(fields, "maxIdle", defaultMaxIdleSeconds, maximumMaxIdleSeconds);
  const { uuid, hits } = await index.startResumable(
    namespace,
    request,
    partsOf(fields),
    maxIdle * 1_000,
    budget,
  );
  return { uuid, scores: hits.map(({ record, score }) => form.record(record, score)) };
}

export async function resumeQuery({ index, body, limits, form, budget }: Call): Promise<unknown[]> {
  const fields = fieldsOf(body);
  const hits = await index.resume(uuidOf(body), countOf(fields, "additionalK", 10, limits.topK), budget);
  return hits.map(({ record, score }) => form.record(record, score));
}

export function endResumable({ index, body }: Call): string {
  index.endResumable(uuidOf(body));
  return "Success";
}

function uuidOf(body: unknown): string {
  const uuid = textOf(fieldsOf(body), "uuid");
  if (uuid === undefined) throw invalid("uuid is required");
  return uuid;
}
