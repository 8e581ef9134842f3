import type { Settings } from "../config/settings.ts";
import { allOf, equals, type Filter, readFilter, toUpstashFilter } from "../store/filter.ts";
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

/** What the options of the command limit the search to, for a person; the plan has only what the question says. */
export function scopeNotes({ filter }: Pick<Scope, "filter">): string[] {
  return filter === undefined ? [] : [`given: ${toUpstashFilter(filter)}`];
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
