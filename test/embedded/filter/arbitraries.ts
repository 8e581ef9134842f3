import fc from "fast-check";
import type { FilterCondition, FilterExpression, FilterLiteral } from "../../../src/embedded/filter/index.ts";

const fields = ["a", "b", "a.b", "a.b.c", "list", "list[0]", "list[#-1]", "list[1].a", "b[#-2][0]", "absent"];

/** Few and near values, so that conditions and records meet. */
const nearLiteral: fc.Arbitrary<FilterLiteral> = fc.constantFrom<FilterLiteral>(
  ...["x", "y", "", "1", "xy", "it's", 'say "hi"', `both ' and "`],
  ...[0, 1, 2, -1, 1.5, 10],
  ...[true, false],
);

const anyLiteral: fc.Arbitrary<FilterLiteral> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "x", "\n") }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  fc.boolean(),
);

const pattern = fc
  .array(fc.constantFrom("*", "?", "x", "y", "[xy]", "[^x]", "[a-x]", "1"), { maxLength: 4 })
  .map((pieces) => pieces.join(""));

function condition(
  literal: fc.Arbitrary<FilterLiteral>,
  glob: fc.Arbitrary<string>,
): fc.Arbitrary<FilterCondition> {
  const field = fc.constantFrom(...fields);
  const negated = fc.boolean();
  const operator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
  const values = fc.array(literal, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    fc.record({ kind: fc.constant("comparison"), field, operator, value: literal }),
    fc.record({ kind: fc.constant("glob"), field, pattern: glob, negated }),
    fc.record({ kind: fc.constant("in"), field, values, negated }),
    fc.record({ kind: fc.constant("contains"), field, value: literal, negated }),
    fc.record({ kind: fc.constant("has-field"), field, negated }),
  ) as fc.Arbitrary<FilterCondition>;
}

function expression(leaf: fc.Arbitrary<FilterCondition>): fc.Arbitrary<FilterExpression> {
  return fc.letrec<{ node: FilterExpression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      leaf,
      fc.record({
        kind: fc.constantFrom("and", "or"),
        operands: fc.array(tie("node"), { minLength: 2, maxLength: 4 }),
      }),
    ),
  })).node;
}

/** Filters over the fields and values of `metadata`. */
export const nearExpression: fc.Arbitrary<FilterExpression> = expression(condition(nearLiteral, pattern));

/** Filters with any string and any number. */
export const anyExpression: fc.Arbitrary<FilterExpression> = expression(
  condition(anyLiteral, fc.string({ unit: "binary" })),
);

const metadataValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(nearLiteral, fc.constant(null)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
  ),
})).value;

/** A record's metadata, or that of a record without. */
export const metadata: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(undefined, null) },
  {
    weight: 20,
    arbitrary: fc.dictionary(fc.constantFrom("a", "b", "list"), metadataValue, { maxKeys: 3 }),
  },
);
