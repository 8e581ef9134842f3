import { parseJson, stringifyJson } from "../foundation/exact-json/index.ts";
import { type Filter, filterPredicate, toUpstashFilter } from "../store/filter.ts";
import { SelectedSource } from "./selected-source.ts";
import type { RecordSource } from "./source.ts";

/** The records of a source whose metadata meets a filter: a migration of a part, such as one tenant. */
export class FilteredSource extends SelectedSource {
  constructor(source: RecordSource, filter: Filter) {
    const meets = filterPredicate(filter);
    super(`${source.name}${filterText(filter)}`, source, {
      // Exact numbers are texts, which compare with nothing.
      select: ({ exactNumbers = false }) =>
        exactNumbers
          ? ({ metadata = {} }) => meets(parseJson(stringifyJson(metadata)))
          : ({ metadata = {} }) => meets(metadata),
    });
  }
}

/** ` where region = 'Peru'`: what the name of a place gets, so that another filter is another migration. */
export function filterText(filter: Filter): string {
  return ` where ${toUpstashFilter(filter)}`;
}
