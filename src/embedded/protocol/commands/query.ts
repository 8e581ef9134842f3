import type { SearchRequest } from "../../index/search.ts";
import type { Hit, VectorIndex } from "../../index/vector-index.ts";
import { limits } from "../../settings.ts";
import { partsOf, type WireRecord, wireRecord } from "../answer.ts";
import { choiceOf, countOf, denseOf, type Fields, invalid, itemsOf, sparseOf, textOf } from "../body.ts";
import type { Call } from "../call.ts";
import { shortestFloat } from "../float.ts";
import { filterOf } from "./filter.ts";

type Vectors = Pick<SearchRequest, "dense" | "sparse">;

interface ParsedQuery {
  readonly fields: Fields;
  readonly request: SearchRequest;
}

export function queryVectors(call: Call): unknown {
  const queries = itemsOf(call.body).map((fields) =>
    parseQuery(fields, { dense: denseOf(fields), sparse: sparseOf(fields) }),
  );
  return answerAll(call, queries);
}

export async function queryData(call: Call): Promise<unknown> {
  const queries = await Promise.all(
    itemsOf(call.body).map(async (fields) => parseQuery(fields, await embedQuery(call.index, fields))),
  );
  return answerAll(call, queries);
}

async function embedQuery(index: VectorIndex, fields: Fields): Promise<Vectors> {
  const text = textOf(fields, "data");
  if (text === undefined) throw invalid("data is required to query by text");
  const mode = choiceOf(fields, "queryMode", ["HYBRID", "DENSE", "SPARSE"]);
  const [vectors] = await index.embed([text], "query", mode);
  return vectors as Vectors;
}

function parseQuery(fields: Fields, vectors: Vectors): ParsedQuery {
  return {
    fields,
    request: {
      ...vectors,
      topK: countOf(fields, "topK", 10, limits.topK),
      filter: filterOf(fields),
      weightByFrequency: choiceOf(fields, "weightingStrategy", ["IDF"]) === "IDF",
      fusion: choiceOf(fields, "fusionAlgorithm", ["RRF", "DBSF"]) ?? "RRF",
    },
  };
}

/** One list for one query, also for a batch of one; a list of lists for more. */
function answerAll(
  { index, namespace }: Call,
  queries: readonly ParsedQuery[],
): WireRecord[] | WireRecord[][] {
  const answers = queries.map(({ fields, request }) =>
    index.query(namespace, request, partsOf(fields)).map(wireHit),
  );
  return answers.length === 1 ? (answers[0] as WireRecord[]) : answers;
}

function wireHit({ record, score }: Hit): WireRecord {
  return wireRecord(record, shortestFloat(score));
}
