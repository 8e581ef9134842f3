import type { ReadingOptions } from "../composition/endpoints/source.ts";
import { parseFilter } from "../store/filter.ts";
import type { ValuesOf } from "./command.ts";
import type { exportDump } from "./definitions/dump.ts";
import type { sourceOptions } from "./definitions/source.ts";

type SourceValues = Pick<ValuesOf<typeof exportDump>, keyof typeof sourceOptions | "filter">;

/** How a command reads its source, as its options say. */
export function readingOptions(
  values: { readonly [Name in keyof SourceValues]?: SourceValues[Name] | undefined },
): ReadingOptions {
  const { collection, tenant, database, salvage, filter, "include-journals": includeJournals } = values;
  return {
    largeIntegers: values["large-integers"] ?? "refuse",
    ...(collection !== undefined && { collection }),
    ...(tenant !== undefined && { tenant }),
    ...(database !== undefined && { database }),
    ...(salvage && { salvage }),
    ...(filter !== undefined && { filter: parseFilter(filter) }),
    // Without the flag, the source decides by what it can see of other processes.
    ...(includeJournals && { includeJournals }),
  };
}
