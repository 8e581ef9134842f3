import { stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import type { IndexRequest } from "./request.ts";

export type CodeLanguage = "curl" | "JavaScript" | "Python";

export const codeLanguages: readonly CodeLanguage[] = ["curl", "JavaScript", "Python"];

interface Target {
  /** The address of the index. */
  readonly url: string;
  readonly namespace: string;
}

/** The name of the variable that stands for the token: code is copied into chats and repositories. */
const tokenVariable = "UPSTASH_VECTOR_REST_TOKEN";

/** The request as code to copy. It names a variable of the environment and never holds the token. */
export function codeOf(language: CodeLanguage, request: IndexRequest, target: Target): string {
  return writers[language](request, target);
}

const writers: Readonly<Record<CodeLanguage, (request: IndexRequest, target: Target) => string>> = {
  curl: writeCurl,
  JavaScript: writeJavaScript,
  Python: writePython,
};

function writeCurl({ command, body, remark }: IndexRequest, { url, namespace }: Target): string {
  const path = namespace === "" ? command : `${command}/${encodeURIComponent(namespace)}`;
  return [
    ...comment("#", remark),
    `curl ${shellWord(`${url}/${path}`)} \\`,
    `  -H "Authorization: Bearer $${tokenVariable}" \\`,
    `  -d ${shellWord(stringifyJson(body))}`,
  ].join("\n");
}

/** In single quotes a shell reads everything as it is, but the quote itself. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function writeJavaScript({ command, body, remark }: IndexRequest, { url, namespace }: Target): string {
  const index = namespace === "" ? "index" : `index.namespace(${literal(namespace)})`;
  const { ids, ...options } = body;
  const call =
    command === "fetch"
      ? `${index}.fetch(${literal(ids)}, ${literal(options)})`
      : `${index}.${command === "range" ? "range" : "query"}(${literal(body)})`;
  return [
    'import { Index } from "@upstash/vector";',
    "",
    `const index = new Index({ url: ${literal(url)}, token: process.env.${tokenVariable} });`,
    ...comment("//", remark),
    `console.log(await ${call});`,
  ].join("\n");
}

/** JSON is JavaScript. */
function literal(value: unknown): string {
  return stringifyJson(value);
}

/** The Python client's names of what the API calls otherwise. */
const pythonNames: Readonly<Record<string, string>> = {
  topK: "top_k",
  includeMetadata: "include_metadata",
  includeData: "include_data",
  includeVectors: "include_vectors",
  sparseVector: "sparse_vector",
};

function writePython({ command, body, remark }: IndexRequest, { url, namespace }: Target): string {
  const values = { ...body, ...(namespace !== "" && { namespace }) };
  const parts = Object.entries(values).map(
    ([name, value]) => `${pythonNames[name] ?? name}=${pythonValue(name, value)}`,
  );
  const method = command === "query-data" ? "query" : command;
  const hasSparse = "sparseVector" in body;
  return [
    "import os",
    `from upstash_vector import Index`,
    ...(hasSparse ? ["from upstash_vector.types import SparseVector"] : []),
    "",
    `index = Index(url=${pythonLiteral(url)}, token=os.environ["${tokenVariable}"])`,
    ...comment("#", remark),
    `print(index.${method}(${parts.join(", ")}))`,
  ].join("\n");
}

function pythonValue(name: string, value: unknown): string {
  if (name !== "sparseVector") return pythonLiteral(value);
  const { indices, values } = value as { indices: unknown; values: unknown };
  return `SparseVector(${pythonLiteral(indices)}, ${pythonLiteral(values)})`;
}

/** A literal of Python. A text in JSON is one, since JSON escapes only what Python escapes alike. */
function pythonLiteral(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  return stringifyJson(value);
}

function comment(mark: string, remark: string | undefined): string[] {
  return remark === undefined ? [] : [`${mark} ${remark}`];
}
