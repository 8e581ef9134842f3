import { isUnsafeInteger } from "../../foundation/exact-json/index.ts";
import { compileField } from "./fields.ts";
import { compileGlob } from "./glob.ts";
import type { ComparisonOperator, FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";

/** Whether a field's value meets a condition; `undefined` is a missing field. */
export type ValuePredicate = (value: unknown) => boolean;

/** Whether the metadata of a record meets a filter; `undefined` and `null`: it has no metadata. */
export type MetadataPredicate = (metadata: unknown) => boolean;

/** Prepares a filter for many records. A record without metadata has no fields. */
export function compileFilter(expression: FilterExpression): MetadataPredicate {
  if ("operands" in expression) {
    const operands = expression.operands.map(compileFilter);
    return expression.kind === "and"
      ? (metadata) => operands.every((operand) => operand(metadata))
      : (metadata) => operands.some((operand) => operand(metadata));
  }
  const readField = compileField(expression.field);
  const holds = compileCondition(expression);
  return (metadata) => holds(readField(metadata));
}

/**
 * Prepares a condition for many values of its field. For a missing value, and for one of a type that the
 * operator does not compare (a glob of a number, `= 'a'` of an object), a condition and its negation are both
 * false. This is SQL's unknown; it needs no third value, since the language has no general NOT.
 */
export function compileCondition(condition: FilterCondition): ValuePredicate {
  switch (condition.kind) {
    case "comparison":
      if (condition.operator === "=" || condition.operator === "!=") {
        return membership([condition.value], condition.operator === "!=");
      }
      return ordering(condition.operator, condition.value);
    case "in":
      return membership(condition.values, condition.negated);
    case "glob": {
      const matches = compileGlob(condition.pattern);
      return (value) => typeof value === "string" && matches(value) !== condition.negated;
    }
    case "contains": {
      const isElement = membership([condition.value], false);
      return (value) => Array.isArray(value) && value.some(isElement) !== condition.negated;
    }
    case "has-field":
      return (value) => (value === undefined) === condition.negated;
  }
}

/** `NOT IN` is a chain of `!=` (filtering.mdx), so the value must be comparable with every literal. */
function membership(literals: readonly FilterLiteral[], negated: boolean): ValuePredicate {
  const members = new Set<unknown>(valuesEqualTo(literals).map(comparable));
  if (!negated) return (value) => members.has(comparable(value));

  const types: readonly string[] = comparableTypes(literals);
  return (value) => types.includes(typeOf(value)) && !members.has(comparable(value));
}

/** Equal numbers as the same value: of two doubles beyond 2^53 and a `bigint`, the exact integers count. */
function comparable(value: unknown): unknown {
  return typeof value === "number" && isUnsafeInteger(value) ? BigInt(value) : value;
}

function typeOf(value: unknown): string {
  return isNumber(value) ? "number" : typeof value;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The values that equal one of the literals. `1` and `0` also write booleans (filtering.mdx). */
export function valuesEqualTo(literals: readonly FilterLiteral[]): FilterLiteral[] {
  return literals.flatMap((literal) =>
    literal === 1 || literal === 0 ? [literal, literal === 1] : [literal],
  );
}

/** A type that literals have, and that a condition compares. */
export type LiteralType = "string" | "number" | "boolean";

/** The types of values that can be compared with every literal. */
export function comparableTypes(literals: readonly FilterLiteral[]): LiteralType[] {
  return (["string", "number", "boolean"] as const).filter((type) =>
    literals.every((literal) => valuesEqualTo([literal]).some((value) => typeOf(value) === type)),
  );
}

function ordering(operator: Exclude<ComparisonOperator, "=" | "!=">, bound: FilterLiteral): ValuePredicate {
  if (!isNumber(bound)) return () => false;
  // JavaScript compares a number with a bigint exactly.
  switch (operator) {
    case "<":
      return (value) => isNumber(value) && value < bound;
    case "<=":
      return (value) => isNumber(value) && value <= bound;
    case ">":
      return (value) => isNumber(value) && value > bound;
    case ">=":
      return (value) => isNumber(value) && value >= bound;
  }
}
