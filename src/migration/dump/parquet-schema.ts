import type { SchemaElement } from "hyparquet";

/** A row group is closed at whichever comes first; a reader holds one in memory. */
export const rowGroupRows = 1_000;
export const rowGroupBytes: number = 8 * 2 ** 20;

const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

function list(name: string, element: "FLOAT" | "INT64"): SchemaElement[] {
  return [
    {
      name,
      repetition_type: "OPTIONAL",
      converted_type: "LIST",
      logical_type: { type: "LIST" },
      num_children: 1,
    },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: element, repetition_type: "REQUIRED" },
  ];
}

/** The columns of a dump (docs/dump-format.md). */
export const schema: readonly SchemaElement[] = [
  { name: "root", num_children: 6 },
  { name: "id", ...text, repetition_type: "REQUIRED" },
  { name: "text", ...text, repetition_type: "OPTIONAL" },
  { name: "metadata", ...text, repetition_type: "OPTIONAL" },
  ...list("vector", "FLOAT"),
  ...list("sparse_indices", "INT64"),
  ...list("sparse_values", "FLOAT"),
];

export const textColumns = ["id", "text", "metadata"] as const;
export const listColumns = ["vector", "sparse_indices", "sparse_values"] as const;

/** The path of a list's elements in the schema. */
export function elementPath(column: (typeof listColumns)[number]): string[] {
  return [column, "list", "element"];
}
