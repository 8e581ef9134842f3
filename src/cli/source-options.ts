import type { ReadingOptions } from "../composition/endpoints/source.ts";
import { UsageError } from "../foundation/errors.ts";

/** The options of every command that reads a Chroma: which collection, and how its records are read. */
export const sourceArguments = {
  collection: {
    type: "string",
    description: "the collection of a Chroma that has several",
    valueHint: "name",
  },
  tenant: { type: "string", description: "of Chroma (default: CHROMA_TENANT)", valueHint: "name" },
  database: { type: "string", description: "of Chroma (default: CHROMA_DATABASE)", valueHint: "name" },
  "large-integers": {
    type: "string",
    description: "integers beyond 2^53 in Chroma's metadata: refuse (default), or text to keep their digits",
    valueHint: "refuse|text",
  },
  salvage: {
    type: "boolean",
    description: "skip the records of Chroma that cannot be read, and list them",
  },
  "include-journals": {
    type: "boolean",
    description: "read and back up a Chroma directory that a killed process left with a journal",
  },
} as const;

/** The values of `sourceArguments`. */
export interface SourceValues {
  readonly collection?: string | undefined;
  readonly tenant?: string | undefined;
  readonly database?: string | undefined;
  readonly "large-integers"?: string | undefined;
  readonly salvage?: boolean | undefined;
  readonly "include-journals"?: boolean | undefined;
}

/** @throws {UsageError} for a value that an option does not take */
export function readingOptions(values: SourceValues): ReadingOptions {
  const { collection, tenant, database, salvage, "include-journals": includeJournals } = values;
  return {
    largeIntegers: largeIntegersOf(values["large-integers"]),
    ...(collection !== undefined && { collection }),
    ...(tenant !== undefined && { tenant }),
    ...(database !== undefined && { database }),
    ...(salvage !== undefined && { salvage }),
    ...(includeJournals !== undefined && { includeJournals }),
  };
}

function largeIntegersOf(value = "refuse"): NonNullable<ReadingOptions["largeIntegers"]> {
  if (value === "refuse" || value === "text") return value;
  throw new UsageError(`--large-integers must be refuse or text; it is "${value}".`);
}
