import { FilterSyntaxError } from "../../foundation/errors.ts";
import { isUnsafeInteger } from "../../foundation/exact-json/index.ts";
import { isFieldPath } from "./lexer.ts";
import type { FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";

/**
 * Writes a filter in its canonical text: `parseFilter` reads the same expression back, and nothing in it
 * rests on a part of the language that the service may not have (exponents) or that is not proven there
 * (escapes, as long as a string lacks one of the two quotes).
 *
 * @throws FilterSyntaxError for what the language cannot say: a field name that is a reserved word or has
 * other characters, a number that is not finite, an empty list, `and` or `or` of nothing.
 */
export function formatFilter(expression: FilterExpression): string {
  if (!("operands" in expression)) return formatCondition(expression);
  const { kind, operands } = expression;
  if (operands.length === 0) throw unwritable("", `'${kind}' has no operands`);
  if (operands.length === 1) return formatFilter(operands[0] as FilterExpression);
  return operands.map((operand) => formatOperand(operand, kind)).join(kind === "and" ? " AND " : " OR ");
}

function formatOperand(operand: FilterExpression, parent: "and" | "or"): string {
  const text = formatFilter(operand);
  const isChain = "operands" in operand && operand.operands.length > 1;
  const bindsTighter = operand.kind === "and" && parent === "or";
  return isChain && !bindsTighter ? `(${text})` : text;
}

function formatCondition(condition: FilterCondition): string {
  const { field } = condition;
  if (!isFieldPath(field)) throw unwritable(field, `a filter cannot name the field '${field}'`);
  switch (condition.kind) {
    case "comparison":
      return `${field} ${condition.operator} ${formatLiteral(condition.value)}`;
    case "glob":
      return `${field} ${negation(condition)}GLOB ${formatString(condition.pattern)}`;
    case "in": {
      if (condition.values.length === 0) throw unwritable(field, `the list for '${field}' is empty`);
      return `${field} ${negation(condition)}IN (${condition.values.map(formatLiteral).join(", ")})`;
    }
    case "contains":
      return `${field} ${negation(condition)}CONTAINS ${formatLiteral(condition.value)}`;
    case "has-field":
      return `HAS ${negation(condition)}FIELD ${field}`;
  }
}

function negation({ negated }: { readonly negated: boolean }): string {
  return negated ? "NOT " : "";
}

/** A literal as the canonical text has it: `'India'`, `514`, `true`. */
export function formatLiteral(literal: FilterLiteral): string {
  if (typeof literal === "string") return formatString(literal);
  if (typeof literal === "number") {
    return isUnsafeInteger(literal) ? String(BigInt(literal)) : formatNumber(literal);
  }
  return String(literal);
}

/** Backslashes stay single wherever the parser takes them as they are. */
function formatString(text: string): string {
  const escaped = text.replace(/\\(?=[\\'"]|$)/g, "\\\\");
  if (!text.includes("'")) return `'${escaped}'`;
  if (!text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** All digits of the shortest decimal, without the exponent that JavaScript writes for large and small numbers. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw unwritable(String(value), `a filter cannot hold the number ${value}`);
  const [mantissa = "", exponent] = String(Math.abs(value)).split("e");
  const sign = value < 0 ? "-" : "";
  if (exponent === undefined) return sign + mantissa;
  const digits = mantissa.replace(".", "");
  const pointPlace = Number(exponent) + 1;
  return pointPlace > 0
    ? sign + digits.padEnd(pointPlace, "0")
    : `${sign}0.${"0".repeat(-pointPlace)}${digits}`;
}

function unwritable(piece: string, problem: string): FilterSyntaxError {
  return new FilterSyntaxError(piece, 1, 0, problem);
}
