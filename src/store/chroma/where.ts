import type { Where } from "chromadb";
import type { Filter } from "../filter.ts";
import { hasRestKey } from "./record.ts";

/** A filter in Chroma's language. */
export interface ChromaFilter {
  /** Holds for every record that meets the filter, and perhaps for others; `undefined`: Chroma cannot help. */
  readonly where: Where | undefined;
  /** Whether it holds for no others. */
  readonly isExact: boolean;
}

type FilterLiteral = string | number | bigint | boolean;

/** SQLite, which decides a filter in Chroma, takes 1,000 levels and 32,766 values; this is well below. */
const maximumConditions = 250;
/** Its parser of JSON takes 128 levels, of which each of ours is two. */
const maximumDepth = 32;

const nothing: ChromaFilter = { where: undefined, isExact: false };

/**
 * What Chroma can decide of a filter. Its language is too weak for all of it (no NOT, no GLOB, no HAS FIELD,
 * no paths), and means something else in places: `$ne` and `$nin` also hold for a record without the field,
 * and numbers with a fraction lose it when compared with whole ones. So this is the selective part, made
 * wide enough to be right; the caller has to evaluate the filter on the result.
 */
export function toChromaFilter(filter: Filter): ChromaFilter {
  const isTooLarge = countConditions(filter) > maximumConditions || depthOf(filter) > maximumDepth;
  return isTooLarge ? nothing : render(filter);
}

function depthOf(filter: Filter): number {
  return "operands" in filter ? 1 + Math.max(...filter.operands.map(depthOf)) : 1;
}

function countConditions(filter: Filter): number {
  if ("operands" in filter)
    return filter.operands.reduce((sum, operand) => sum + countConditions(operand), 0);
  return filter.kind === "in" ? filter.values.length : 1;
}

function render(filter: Filter): ChromaFilter {
  if ("operands" in filter) return filter.kind === "and" ? every(filter.operands) : some(filter.operands);
  // A path leads into values that Chroma cannot hold.
  if (!/^\w+$/.test(filter.field)) return nothing;
  switch (filter.kind) {
    case "comparison":
      if (filter.operator === "!=") return nothing;
      return filter.operator === "="
        ? equality(filter.field, [filter.value])
        : ordering(filter.field, filter.operator, filter.value);
    case "in":
      return filter.negated ? nothing : equality(filter.field, filter.values);
    case "contains":
      return filter.negated || typeof filter.value !== "string"
        ? nothing
        : element(filter.field, filter.value);
    default:
      return nothing;
  }
}

function every(operands: readonly Filter[]): ChromaFilter {
  const rendered = operands.map(render);
  const wheres = rendered.map(({ where }) => where).filter((where) => where !== undefined);
  return { where: join("$and", wheres), isExact: rendered.every(({ isExact }) => isExact) };
}

function some(operands: readonly Filter[]): ChromaFilter {
  const rendered = operands.map(render);
  const wheres = rendered.map(({ where }) => where).filter((where) => where !== undefined);
  if (wheres.length < rendered.length) return nothing;
  return { where: join("$or", wheres), isExact: rendered.every(({ isExact }) => isExact) };
}

/** Chroma requires at least two operands. */
function join(operator: "$and" | "$or", wheres: readonly Where[]): Where | undefined {
  return wheres.length > 1 ? ({ [operator]: wheres } as Where) : wheres[0];
}

/** A list has to be of one type, of which whole numbers are one; `1` and `0` also write booleans. */
function equality(field: string, values: readonly FilterLiteral[]): ChromaFilter {
  const numbers = values.filter((value) => typeof value === "number");
  if (!numbers.every(isWithinReach) || values.some((value) => typeof value === "bigint")) return nothing;
  const booleans = [
    ...values.filter((value) => typeof value === "boolean"),
    ...numbers.filter((value) => value === 0 || value === 1).map((value) => value === 1),
  ];
  const lists = [
    values.filter((value) => typeof value === "string"),
    numbers.filter(Number.isInteger),
    numbers.filter((value) => !Number.isInteger(value)),
    booleans,
  ];
  const wheres = lists
    .filter((list) => list.length > 0)
    .map(
      (list): Where => ({
        [field]: list.length > 1 ? { $in: list } : { $eq: list[0] as string | number | boolean },
      }),
    );
  return { where: join("$or", wheres), isExact: numbers.every(Number.isInteger) };
}

/**
 * A bound with a fraction would be cut off for whole numbers, so it is widened to the next whole one; and a
 * number that Chroma holds one digit off may have come to lie on it, so it belongs to what is selected.
 */
function ordering(field: string, operator: "<" | "<=" | ">" | ">=", bound: FilterLiteral): ChromaFilter {
  if (typeof bound !== "number" || !isWithinReach(bound)) return nothing;
  const where: Where = operator.startsWith("<")
    ? { [field]: { $lte: Math.ceil(bound) } }
    : { [field]: { $gte: Math.floor(bound) } };
  return { where, isExact: Number.isInteger(bound) && operator.endsWith("=") };
}

/** A list that Chroma cannot hold is in the record's JSON. */
function element(field: string, value: string): ChromaFilter {
  return {
    where: { $or: [{ [field]: { $contains: value } }, { [hasRestKey]: { $eq: true } }] },
    isExact: false,
  };
}

/** Beyond 2^53 JavaScript reads neighbours as one number; Chroma distinguishes them. */
function isWithinReach(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}
