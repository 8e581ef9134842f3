import {
  comparableTypes,
  type FilterCondition,
  type FilterExpression,
  type FilterLiteral,
  fieldSteps,
  type GlobElement,
  type LiteralType,
  readGlob,
  valuesEqualTo,
} from "../../../../src/embedded/filter/index.ts";

/** How a language writes the parts of a filter. Tests are about the value that the language calls `value`. */
export interface FilterDialect {
  readonly and: string;
  readonly or: string;
  /** Nothing meets it. */
  readonly never: string;
  readonly value: string;
  readonly literal: (value: unknown) => string;
  /** The test of a field; `path` is a literal. False if the field is missing. */
  readonly field: (path: string, test: string) => string;
  readonly anyValue: string;
  readonly not: (test: string) => string;
  readonly isType: Readonly<Record<LiteralType, string>>;
  /** Whether the value is one of these. */
  readonly isOneOf: (literals: readonly FilterLiteral[]) => string;
  readonly isList: string;
  readonly hasElement: (test: string) => string;
  /** The whole text; the pattern means the same in each language. */
  readonly isMatch: (pattern: string) => string;
}

/** A filter as an expression of another language: what `compileFilter` decides, for programs that users copy. */
export function writeFilter(expression: FilterExpression, dialect: FilterDialect): string {
  if (!("operands" in expression)) return writeCondition(expression, dialect);
  return expression.operands
    .map((operand) => {
      const text = writeFilter(operand, dialect);
      return "operands" in operand ? `(${text})` : text;
    })
    .join(` ${dialect[expression.kind]} `);
}

function writeCondition(condition: FilterCondition, dialect: FilterDialect): string {
  const { never, not, literal } = dialect;
  // A key, or an index; from the end it is negative.
  const path = fieldSteps(condition.field).map((step) =>
    step.kind === "key" ? step.key : step.fromEnd ? -step.index : step.index,
  );
  // `[#-0]` is behind the last element.
  const field = (test: string) =>
    path.some((step) => Object.is(step, -0)) ? never : dialect.field(literal(path), test);
  if (condition.kind === "has-field") {
    const isThere = field(dialect.anyValue);
    return condition.negated ? not(isThere) : isThere;
  }
  return field(writeTest(condition, dialect));
}

function writeTest(
  condition: Exclude<FilterCondition, { kind: "has-field" }>,
  dialect: FilterDialect,
): string {
  const { and, or, isType, isList, never, not, value } = dialect;
  switch (condition.kind) {
    case "comparison": {
      const { operator, value: bound } = condition;
      if (operator === "=" || operator === "!=") return membership([bound], operator === "!=", dialect);
      if (typeof bound !== "number" && typeof bound !== "bigint") return never;
      return `${isType.number} ${and} ${value} ${operator} ${dialect.literal(bound)}`;
    }
    case "in":
      return membership(condition.values, condition.negated, dialect);
    case "glob": {
      const isMatch = dialect.isMatch(readGlob(condition.pattern).map(patternOf).join(""));
      return `${isType.string} ${and} ${condition.negated ? not(isMatch) : isMatch}`;
    }
    case "contains": {
      const isElement = dialect.hasElement(dialect.isOneOf(valuesEqualTo([condition.value])));
      return `${isList} ${and} ${condition.negated ? not(isElement) : isElement}`;
    }
  }

  function membership(literals: readonly FilterLiteral[], negated: boolean, { isOneOf }: FilterDialect) {
    const isMember = isOneOf(valuesEqualTo(literals));
    if (!negated) return isMember;
    const types = comparableTypes(literals).map((type) => isType[type]);
    if (types.length === 0) return never;
    return `${types.length === 1 ? types[0] : `(${types.join(` ${or} `)})`} ${and} ${not(isMember)}`;
  }
}

/** A part of a glob as a regular expression of JavaScript, Python and jq. */
function patternOf(element: GlobElement): string {
  if (element === "*") return String.raw`[\s\S]*`;
  const ranges = element.ranges.filter(({ low, high }) => low <= high);
  const [first] = ranges;
  if (first === undefined) return element.isNegated ? String.raw`[\s\S]` : "(?!)";
  if (ranges.length === 1 && first.low === first.high && !element.isNegated) return characterOf(first.low);
  const written = ranges.map(({ low, high }) =>
    low === high ? characterOf(low) : `${characterOf(low)}-${characterOf(high)}`,
  );
  return `[${element.isNegated ? "^" : ""}${written.join("")}]`;
}

/** Letters, digits and everything beyond ASCII as they are. */
function characterOf(point: number): string {
  const character = String.fromCodePoint(point);
  return point > 0x7f || /\w/.test(character)
    ? character
    : String.raw`\x${point.toString(16).padStart(2, "0")}`;
}
