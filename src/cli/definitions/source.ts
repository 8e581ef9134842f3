/** The options of every command that reads a Chroma: which collection, and how its records are read. */
export const sourceOptions = {
  collection: { type: "text", value: "name", summary: "the collection of a Chroma that has several" },
  tenant: { type: "text", value: "name", summary: "the tenant of Chroma (default: CHROMA_TENANT)" },
  database: { type: "text", value: "name", summary: "the database of Chroma (default: CHROMA_DATABASE)" },
  "large-integers": {
    type: "choice",
    choices: ["refuse", "text"],
    default: "refuse",
    summary: "integers beyond 2^53 in Chroma's metadata: refuse them, or keep their digits as text",
  },
  salvage: { type: "flag", summary: "skip the records of Chroma that cannot be read, and list them" },
  "include-journals": {
    type: "flag",
    summary: "read and back up a Chroma directory that a killed process left with a journal",
  },
} as const;

/** A part of a source. */
export const filter = {
  type: "text",
  value: "expression",
  summary: "only records whose metadata in the source meets it (docs/filters.md): one tenant, one region",
} as const;
