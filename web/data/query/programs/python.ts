import { type FilterDialect, writeFilter } from "./filter.ts";
import { listFilter, literal, longestLine, type ProgramWriter, pathOf, tokenVariable } from "./program.ts";

/** A text in JSON is a literal of Python, since JSON escapes only what Python escapes alike. */
function pythonLiteral(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  return literal(value);
}

const dialect: FilterDialect = {
  and: "and",
  or: "or",
  never: "False",
  value: "value",
  literal: pythonLiteral,
  field: (path, test) => `field(record.metadata, ${path}, lambda value: ${test})`,
  anyValue: "True",
  not: (test) => `not (${test})`,
  isType: {
    string: "isinstance(value, str)",
    number: "isinstance(value, (int, float)) and not isinstance(value, bool)",
    boolean: "isinstance(value, bool)",
  },
  // True equals 1 in Python: a boolean is compared by identity. A number that equals a boolean comes with it.
  isOneOf: (literals) =>
    literals
      .map((each) => `value ${typeof each === "boolean" ? "is" : "=="} ${pythonLiteral(each)}`)
      .join(" or "),
  isList: "isinstance(value, list)",
  hasElement: (test) => `any(${test} for value in value)`,
  isMatch: (pattern) => `re.fullmatch(${pythonLiteral(pattern)}, value) is not None`,
};

const fieldFunction = `
def field(value, path, test):
    """Tests the value at a path; a missing field meets no test."""
    for key in path:
        is_key = isinstance(value, dict) and isinstance(key, str) and key in value
        is_index = isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value)
        if not (is_key or is_index):
            return False
        value = value[key]
    return test(value)
`;

/** The Python client's names of what the API calls otherwise. */
const pythonNames: Readonly<Record<string, string>> = {
  topK: "top_k",
  includeMetadata: "include_metadata",
  includeData: "include_data",
  includeVectors: "include_vectors",
  sparseVector: "sparse_vector",
};

/** A program with the official client, upstash_vector. */
export const writePython: ProgramWriter = (request, target) => {
  const { command, body } = request;
  const isList = command === "range";
  const filter = isList ? listFilter(request, true) : undefined;
  const { cursor, ...values } = {
    ...body,
    ...(target.namespace !== "" && { namespace: pathOf(target) }),
  } as Record<string, unknown>;
  const parts = Object.entries(values).map(
    ([name, value]) => `${pythonNames[name] ?? name}=${argument(name, value)}`,
  );
  const method = command === "query-data" ? "query" : command;
  const call = `index.${method}(${lines([...(isList ? ["cursor=cursor"] : []), ...parts])})`;
  return [
    "import os",
    ...(filter ? ["import re"] : []),
    `from upstash_vector import Index`,
    ...("sparseVector" in body ? ["from upstash_vector.types import SparseVector"] : []),
    ...(filter ? ["", fieldFunction] : [""]),
    `index = Index(url=${pythonLiteral(target.url)}, token=os.environ["${tokenVariable}"])`,
    ...(isList
      ? loop(call.replaceAll("\n", "\n    "), pythonLiteral(cursor))
      : [`records = ${call}`, "for record in records:", "    print(record)"]),
  ].join("\n");

  function loop(read: string, start: string): string[] {
    const print = filter
      ? [
          `        # ${filter.remark}`,
          `        if ${writeFilter(filter.expression, dialect)}:`,
          "            print(record)",
        ]
      : ["        print(record)"];
    return [
      `cursor = ${start}`,
      `while cursor != "":`,
      `    page = ${read}`,
      "    for record in page.vectors:",
      ...print,
      "    cursor = page.next_cursor",
    ];
  }
};

/** Arguments of a call, each on a line of its own unless they are short. */
function lines(parts: readonly string[]): string {
  const short = parts.join(", ");
  return short.length <= longestLine ? short : `\n${parts.map((part) => `    ${part},\n`).join("")}`;
}

function argument(name: string, value: unknown): string {
  if (name !== "sparseVector") return pythonLiteral(value);
  const { indices, values } = value as { indices: unknown; values: unknown };
  return `SparseVector(${pythonLiteral(indices)}, ${pythonLiteral(values)})`;
}
