import type { Settings } from "../config/settings.ts";
import { allOf, equals, type Filter, readFilter } from "../store/filter.ts";
import type { ValuesOf } from "./command.ts";
import type { ask } from "./definitions/ask.ts";

type QuestionValues = Pick<
  ValuesOf<typeof ask>,
  "region" | "type" | "filter" | "literal" | "top-k" | "namespace"
>;

/** The limits of a search. */
export interface Scope {
  readonly topK: number;
  readonly namespace: string;
  readonly filter?: Filter;
  readonly literal: boolean;
}

/** @throws {FilterSyntaxError} */
export function scopeOf(values: QuestionValues, settings: Settings): Scope {
  const filter = allOf([
    values.region === undefined ? undefined : equals("region", values.region),
    values.type === undefined ? undefined : equals("type", values.type),
    values.filter === undefined ? undefined : readFilter(values.filter),
  ]);
  return {
    topK: values["top-k"] ?? settings.topK,
    namespace: values.namespace ?? settings.namespace,
    literal: values.literal ?? false,
    ...(filter && { filter }),
  };
}
