import type { Settings } from "../config/settings.ts";
import { allOf, equals, type Filter, parseFilter } from "../store/filter.ts";
import { wholeNumber } from "./arguments.ts";
import { storeArgument } from "./store-option.ts";

interface StringArgument {
  readonly type: "string";
  readonly description: string;
  readonly valueHint: string;
  readonly alias?: string;
}

/** The arguments of the commands that search. */
export const questionArguments: {
  readonly region: StringArgument;
  readonly type: StringArgument;
  readonly filter: StringArgument;
  readonly "top-k": StringArgument;
  readonly namespace: StringArgument;
  readonly store: StringArgument;
  readonly json: { readonly type: "boolean"; readonly description: string };
} = {
  region: { type: "string", description: "only foods of this region", valueHint: "name" },
  type: { type: "string", description: "only foods of this type", valueHint: "name" },
  filter: { type: "string", description: "only records for which this holds", valueHint: "expression" },
  "top-k": {
    type: "string",
    alias: "k",
    description: "matches to retrieve (default: MAX_RESULTS, 3)",
    valueHint: "n",
  },
  namespace: {
    type: "string",
    description: "the namespace to search (default: NAMESPACE)",
    valueHint: "name",
  },
  ...storeArgument,
  json: { type: "boolean", description: "print JSON" },
};

interface QuestionValues {
  readonly region?: string | undefined;
  readonly type?: string | undefined;
  readonly filter?: string | undefined;
  readonly "top-k"?: string | undefined;
  readonly namespace?: string | undefined;
}

/** What a search is limited to. */
export interface Scope {
  readonly topK: number;
  readonly namespace: string;
  readonly filter?: Filter;
}

/**
 * @throws {UsageError} for a top-k out of range
 * @throws {FilterSyntaxError}
 */
export function scopeOf(values: QuestionValues, settings: Settings): Scope {
  const filter = allOf([
    values.region === undefined ? undefined : equals("region", values.region),
    values.type === undefined ? undefined : equals("type", values.type),
    values.filter === undefined || values.filter.trim() === "" ? undefined : parseFilter(values.filter),
  ]);
  return {
    topK: values["top-k"] === undefined ? settings.topK : wholeNumber("top-k", values["top-k"], 1, 1_000),
    namespace: values.namespace ?? settings.namespace,
    ...(filter && { filter }),
  };
}
