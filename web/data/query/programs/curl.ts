import { type FilterDialect, writeFilter } from "./filter.ts";
import {
  listFilter,
  literal,
  literalLines,
  type ProgramWriter,
  pathOf,
  type Target,
  tokenVariable,
} from "./program.ts";

const jq: FilterDialect = {
  and: "and",
  or: "or",
  never: "false",
  value: ".",
  literal,
  field: (path, test) => `field(${path}; ${test})`,
  anyValue: "true",
  not: (test) => `(${test} | not)`,
  isType: { string: `type == "string"`, number: `type == "number"`, boolean: `type == "boolean"` },
  isOneOf: (literals) =>
    literals.length === 1 ? `. == ${literal(literals[0])}` : `IN(${literals.map(literal).join(", ")})`,
  isList: `type == "array"`,
  hasElement: (test) => `any(.[]; ${test})`,
  isMatch: (pattern) => `test(${literal(String.raw`\A${pattern}\z`)})`,
};

/** The value at a path, or nothing. */
const jqField = `
  def at($path): if $path == [] then . else $path[0] as $key
    | if (type == "object" and ($key | type) == "string" and has($key))
        or (type == "array" and ($key | type) == "number" and $key < length and $key >= 0 - length)
      then .[$key] | at($path[1:]) else empty end end;
  def field($path; test): any(.metadata | at($path); test);
  `;

/** A shell program with curl; a list needs jq, which finds the next page and applies the filter. */
export const writeCurl: ProgramWriter = (request, target) => {
  const { command, body } = request;
  if (command !== "range") return call(command, shellWord(literalLines(body)), target);
  const filter = listFilter(request, false);
  const { cursor, ...page } = body;
  const data = `${shellWord(`{"cursor":"`)}"$cursor"${shellWord(`",${literal(page).slice(1)}`)}`;
  const records = ".result.vectors[]";
  const program = filter ? `${jqField}${records} | select(${writeFilter(filter.expression, jq)})` : records;
  return [
    ...(filter ? [`# ${filter.remark}`] : []),
    "# jq reads the answers.",
    `cursor=${shellWord(String(cursor))}`,
    `until [ "$cursor" = "" ]; do`,
    `  page=$(${call(command, data, target).replaceAll("\n", "\n  ")}) || { echo "$page" >&2; break; }`,
    `  printf '%s' "$page" | jq -c ${shellWord(program)}`,
    `  cursor=$(printf '%s' "$page" | jq -r .result.nextCursor)`,
    "done",
  ].join("\n");
};

function call(command: string, data: string, target: Target): string {
  const path = target.namespace === "" ? command : `${command}/${pathOf(target)}`;
  return [
    `curl -sS --fail-with-body ${shellWord(`${target.url}/${path}`)} \\`,
    `  -H "Authorization: Bearer $${tokenVariable}" \\`,
    `  -d ${data}`,
  ].join("\n");
}

/** In single quotes a shell reads everything as it is, but the quote itself. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
