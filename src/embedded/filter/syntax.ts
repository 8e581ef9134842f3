/** The value on the right of an operator; an integer that no double holds is a `bigint`. */
export type FilterLiteral = string | number | bigint | boolean;

export type ComparisonOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A statement about one field; `field` is a path such as `a.b`, `list[0]` or `list[#-1]`. */
export type FilterCondition =
  | {
      readonly kind: "comparison";
      readonly field: string;
      readonly operator: ComparisonOperator;
      readonly value: FilterLiteral;
    }
  | { readonly kind: "glob"; readonly field: string; readonly pattern: string; readonly negated: boolean }
  | {
      readonly kind: "in";
      readonly field: string;
      readonly values: readonly FilterLiteral[];
      readonly negated: boolean;
    }
  | {
      readonly kind: "contains";
      readonly field: string;
      readonly value: FilterLiteral;
      readonly negated: boolean;
    }
  | { readonly kind: "has-field"; readonly field: string; readonly negated: boolean };

/** A whole filter. `and` and `or` have two operands or more; parentheses are not represented. */
export type FilterExpression =
  | FilterCondition
  | { readonly kind: "and" | "or"; readonly operands: readonly FilterExpression[] };
