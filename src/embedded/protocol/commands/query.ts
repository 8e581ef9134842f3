import type { SearchRequest } from "../../index/search.ts";
import type { EmbeddedText, TextParts } from "../../index/texts.ts";
import { invalid } from "../../index/validation.ts";
import { partsOf } from "../answer.ts";
import { choiceOf, countOf, denseOf, type Fields, itemsOf, sparseOf, textOf } from "../body.ts";
import type { Call } from "../call.ts";
import { filterOf } from "./filter.ts";

/** A query with the fields of its request, which say what to include. */
export interface ParsedQuery {
  readonly fields: Fields;
  readonly request: SearchRequest;
}

export function queryVectors(call: Call): Promise<unknown> {
  return answerAll(
    call,
    itemsOf(call.body, call.limits).map((fields) => parseQuery(call, fields)),
  );
}

export async function queryData(call: Call): Promise<unknown> {
  return await answerAll(call, await parseDataQueries(call, itemsOf(call.body, call.limits)));
}

/** A query with vectors. */
export function parseQuery({ limits, ownsBody }: Call, fields: Fields): ParsedQuery {
  return {
    fields,
    request: requestOf(fields, denseOf(fields, ownsBody), sparseOf(fields, limits), limits.topK),
  };
}

/** Queries by text, embedded together by the models of the index. */
export async function parseDataQueries(
  { index, limits }: Call,
  items: readonly Fields[],
): Promise<ParsedQuery[]> {
  index.requireModel();
  const modes = items.map((fields): TextParts | undefined =>
    choiceOf(fields, "queryMode", ["HYBRID", "DENSE", "SPARSE"]),
  );
  // A fault in one of them is reported before the model runs.
  const requests = items.map((fields) => requestOf(fields, undefined, undefined, limits.topK));
  const vectors = await index.embed(items.map(queryText), "query", modes);
  return items.map((fields, place) => ({
    fields,
    request: { ...(requests[place] as SearchRequest), ...(vectors[place] as EmbeddedText) },
  }));
}

function queryText(fields: Fields): string {
  const text = textOf(fields, "data");
  if (text === undefined) throw invalid("data is required to query by text");
  return text;
}

function requestOf(
  fields: Fields,
  dense: SearchRequest["dense"],
  sparse: SearchRequest["sparse"],
  maximumTopK: number,
): SearchRequest {
  return {
    dense,
    sparse,
    topK: countOf(fields, "topK", 10, maximumTopK),
    filter: filterOf(fields),
    weightByFrequency: choiceOf(fields, "weightingStrategy", ["IDF"]) === "IDF",
    fusion: choiceOf(fields, "fusionAlgorithm", ["RRF", "DBSF"]) ?? "RRF",
  };
}

/** One list for one query, also for a batch of one; a list of lists for more. */
async function answerAll(
  { index, namespace, form, budget }: Call,
  queries: readonly ParsedQuery[],
): Promise<unknown[]> {
  const answers: unknown[][] = [];
  for (const { fields, request } of queries) {
    const hits = await index.query(namespace, request, partsOf(fields), budget);
    answers.push(hits.map(({ record, score }) => form.record(record, score)));
  }
  return answers.length === 1 ? (answers[0] as unknown[]) : answers;
}
