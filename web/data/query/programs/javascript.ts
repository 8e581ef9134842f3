import { type FilterDialect, writeFilter } from "./filter.ts";
import { listFilter, literal, literalLines, type ProgramWriter, pathOf, tokenVariable } from "./program.ts";

const dialect: FilterDialect = {
  and: "&&",
  or: "||",
  never: "false",
  value: "value",
  literal,
  field: (path, test) => `field(record.metadata, ${path}, (value) => ${test})`,
  anyValue: "true",
  not: (test) => `!(${test})`,
  isType: {
    string: `typeof value === "string"`,
    number: `typeof value === "number"`,
    boolean: `typeof value === "boolean"`,
  },
  isOneOf: (literals) =>
    literals.length === 1 ? `value === ${literal(literals[0])}` : `${literal(literals)}.includes(value)`,
  isList: "Array.isArray(value)",
  hasElement: (test) => `value.some((value) => ${test})`,
  isMatch: (pattern) => `new RegExp(${literal(`^${pattern}$`)}, "u").test(value)`,
};

const fieldFunction = `
// Tests the value at a path; a missing field meets no test.
function field(value, [key, ...path], test) {
  const isList = Array.isArray(value);
  if (value === null || typeof value !== "object" || isList !== (typeof key === "number")) return false;
  const place = isList && key < 0 ? value.length + key : key;
  if (!Object.hasOwn(value, place)) return false;
  return path.length === 0 ? test(value[place]) : field(value[place], path, test);
}`;

/** A program with the official client, @upstash/vector. */
export const writeJavaScript: ProgramWriter = (request, target) => {
  const { command, body } = request;
  const index = target.namespace === "" ? "index" : `index.namespace(${literal(pathOf(target))})`;
  const start = [
    'import { Index } from "@upstash/vector";',
    "",
    `const index = new Index({ url: ${literal(target.url)}, token: process.env.${tokenVariable} });`,
  ];
  if (command !== "range") {
    const { ids, ...options } = body;
    const call =
      command === "fetch" ? `fetch(${literal(ids)}, ${literal(options)})` : `query(${literalLines(body)})`;
    return [
      ...start,
      `const records = await ${index}.${call};`,
      "for (const record of records) console.log(JSON.stringify(record));",
    ].join("\n");
  }
  const filter = listFilter(request, false);
  const { cursor, ...page } = body;
  return [
    ...start,
    ...(filter
      ? [`// ${filter.remark}`, `const isMatch = (record) => ${writeFilter(filter.expression, dialect)};`]
      : []),
    `let cursor = ${literal(cursor)};`,
    `const options = ${literalLines(page)};`,
    "do {",
    `  const page = await ${index}.range({ cursor, ...options });`,
    "  for (const record of page.vectors) {",
    `    ${filter ? "if (isMatch(record)) " : ""}console.log(JSON.stringify(record));`,
    "  }",
    "  cursor = page.nextCursor;",
    `} while (cursor !== "");`,
    ...(filter ? [fieldFunction] : []),
  ].join("\n");
};
