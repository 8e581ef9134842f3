import {
  completionAt,
  type FilterExpression,
  type FilterLiteral,
  formatFilter,
  formatLiteral,
  parseFilter,
} from "../../../src/embedded/filter/index.ts";
import { nearestName } from "../../../src/foundation/edit-distance.ts";
import type { FieldCatalog } from "../records/field-catalog.ts";

/** A filter with one more condition. */
export function withCondition(filter: string, condition: string): string {
  const before = filter.trim();
  if (before === "" || before === condition) return condition;
  return / OR /i.test(before) ? `(${before}) AND ${condition}` : `${before} AND ${condition}`;
}

/** The fields that a filter names; none of a filter that cannot be read. */
export function fieldsOf(filter: string): string[] {
  const expression = read(filter);
  const collect = (each: FilterExpression): string[] =>
    "operands" in each ? each.operands.flatMap(collect) : [each.field];
  return expression === undefined ? [] : [...new Set(collect(expression))];
}

/**
 * The filter with fields that records have in place of those with a slip, and values in upper and lower case as records
 * have them; `undefined` if nothing changes.
 */
export function respelled(filter: string, catalog: FieldCatalog): string | undefined {
  const expression = read(filter);
  if (expression === undefined) return undefined;
  const text = formatFilter(respell(expression, catalog));
  return text === formatFilter(expression) ? undefined : text;
}

function respell(expression: FilterExpression, catalog: FieldCatalog): FilterExpression {
  if ("operands" in expression)
    return { ...expression, operands: expression.operands.map((each) => respell(each, catalog)) };
  const field = fieldSpelling(expression.field, catalog);
  const spell = (value: FilterLiteral) => spelling(field, value, catalog);
  if (expression.kind === "in") return { ...expression, field, values: expression.values.map(spell) };
  if (expression.kind === "comparison" || expression.kind === "contains")
    return { ...expression, field, value: spell(expression.value) };
  return { ...expression, field };
}

function fieldSpelling(path: string, catalog: FieldCatalog): string {
  if (catalog.field(path) !== undefined) return path;
  return (
    nearestName(
      path,
      catalog.fields().map(({ path: known }) => known),
    ) ?? path
  );
}

function spelling(path: string, value: FilterLiteral, catalog: FieldCatalog): FilterLiteral {
  const values = catalog.field(path)?.values;
  if (typeof value !== "string" || values === undefined || values.has(value)) return value;
  const same = [...values.keys()].find((each) => String(each).toLowerCase() === value.toLowerCase());
  return same ?? value;
}

/**
 * The filter with quotes around words that stand where a text is expected, as in `region = Japan`.
 *
 * @param offset of the fault
 */
export function quoted(filter: string, offset: number, catalog: FieldCatalog): string | undefined {
  const words = /^[\p{L}\d][^'"(),]*?(?=\s+(?:AND|OR)\b|\s*[),]|\s*$)/iu.exec(filter.slice(offset))?.[0];
  const { kinds, field } = completionAt(filter, offset);
  if (words === undefined || !kinds.includes("STRING")) return undefined;
  const value = field === undefined ? words : spelling(field, words, catalog);
  return filter.slice(0, offset) + formatLiteral(value) + filter.slice(offset + words.length);
}

function read(filter: string): FilterExpression | undefined {
  try {
    return filter.trim() === "" ? undefined : parseFilter(filter);
  } catch {
    return undefined;
  }
}
