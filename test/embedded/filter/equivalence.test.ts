import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compileFilter,
  type FilterCondition,
  type FilterExpression,
  type FilterLiteral,
  parseFilter,
} from "../../../src/embedded/filter/index.ts";
import { metadata, nearExpression } from "./arbitraries.ts";

/**
 * A second implementation by other means: SQL's three truth values with a real NOT, negated operators as
 * the NOT of the plain ones, lists as chains, globs as regular expressions, paths as a reduce.
 */
type Truth = true | false | "unknown";

const not = (truth: Truth): Truth => (truth === "unknown" ? truth : !truth);
const both = (left: Truth, right: Truth): Truth =>
  left === false || right === false ? false : left === "unknown" ? left : right;
const either = (left: Truth, right: Truth): Truth => not(both(not(left), not(right)));

function lookUp(record: unknown, path: string): unknown {
  const steps = path.match(/\[[^\]]+\]|[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => {
    if (Array.isArray(value))
      return step.startsWith("[") ? value.at(Number(step.slice(1, -1).replace("#", ""))) : undefined;
    return typeof value === "object" ? new Map(Object.entries(value ?? {})).get(step) : undefined;
  }, record);
}

function equal(value: unknown, literal: FilterLiteral): Truth {
  if (typeof value === typeof literal) return value === literal;
  if (value === true && (literal === 1 || literal === 0)) return literal === 1;
  if (value === false && (literal === 1 || literal === 0)) return literal === 0;
  return "unknown";
}

function plain(condition: FilterCondition, value: unknown): Truth {
  switch (condition.kind) {
    case "has-field":
      return value !== undefined;
    case "glob": {
      if (typeof value !== "string") return "unknown";
      const source = condition.pattern.replaceAll("*", ".*").replaceAll("?", ".");
      return new RegExp(`^(?:${source})$`, "su").test(value);
    }
    case "contains":
      if (!Array.isArray(value)) return "unknown";
      return value.filter((element) => equal(element, condition.value) === true).length > 0;
    case "in":
      return condition.values.map((literal) => equal(value, literal)).reduce(either);
    case "comparison": {
      if (condition.operator === "=") return equal(value, condition.value);
      if (condition.operator === "!=") return not(equal(value, condition.value));
      if (typeof value !== "number" || typeof condition.value !== "number") return "unknown";
      const order = Math.sign(value - condition.value);
      return { "<": [-1], "<=": [-1, 0], ">": [1], ">=": [0, 1] }[condition.operator].includes(order);
    }
  }
}

function judge(expression: FilterExpression, record: unknown): Truth {
  if ("operands" in expression) {
    const truths = expression.operands.map((operand) => judge(operand, record));
    return truths.reduce(expression.kind === "and" ? both : either);
  }
  const truth = plain(expression, lookUp(record, expression.field));
  return "negated" in expression && expression.negated ? not(truth) : truth;
}

/** Writes an expression with parentheses, letter case, blanks and quotes as `noise` has it. */
function write(expression: FilterExpression, noise: () => number): string {
  const word = (text: string): string => (noise() % 2 === 0 ? text : text.toLowerCase());
  const blank = (): string => [" ", "\n", "  \t"][noise() % 3] as string;
  const string = (text: string): string => {
    const quote = noise() % 2 === 0 ? "'" : '"';
    const escaped = text.replaceAll("\\", "\\\\");
    return quote + escaped.replaceAll(quote, noise() % 2 === 0 ? quote + quote : `\\${quote}`) + quote;
  };
  const literal = (value: FilterLiteral): string =>
    typeof value === "string"
      ? string(value)
      : typeof value === "boolean"
        ? word(value ? "TRUE" : "FALSE")
        : `${value}`;
  const join = (...parts: string[]): string => parts.filter((part) => part !== "").join(blank());
  const negation = "negated" in expression && expression.negated ? word("NOT") : "";

  switch (expression.kind) {
    case "and":
    case "or": {
      const operands = expression.operands.map((operand) => {
        const text = write(operand, noise);
        const isSafe = expression.kind === "or" ? operand.kind !== "or" : !("operands" in operand);
        return isSafe && noise() % 3 !== 0 ? text : `(${text})`;
      });
      return operands.join(blank() + word(expression.kind.toUpperCase()) + blank());
    }
    case "comparison":
      return join(expression.field, expression.operator, literal(expression.value));
    case "glob":
      return join(expression.field, negation, word("GLOB"), string(expression.pattern));
    case "contains":
      return join(expression.field, negation, word("CONTAINS"), literal(expression.value));
    case "in":
      return join(expression.field, negation, word("IN"), `(${expression.values.map(literal).join(",")})`);
    case "has-field":
      return join(word("HAS"), negation, word("FIELD"), expression.field);
  }
}

const noiseBytes = fc.infiniteStream(fc.nat(255));

test("the parser reads any spelling of an expression", () => {
  fc.assert(
    fc.property(nearExpression, noiseBytes, (expression, bytes) => {
      expect(parseFilter(write(expression, () => bytes.next().value as number))).toEqual(expression);
    }),
    { numRuns: 2000 },
  );
});

test("a filter is true of a record exactly when SQL's logic says so", () => {
  const verdicts = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(nearExpression, fc.array(metadata, { minLength: 5, maxLength: 5 }), (expression, records) => {
      const matches = compileFilter(expression);
      for (const record of records) {
        const verdict = judge(expression, record);
        verdicts[`${verdict}`]++;
        expect(matches(record)).toBe(verdict === true);
      }
    }),
    { numRuns: 4000 },
  );
  expect(Math.min(...Object.values(verdicts))).toBeGreaterThan(1000);
});
