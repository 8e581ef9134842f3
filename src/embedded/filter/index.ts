export { compileCondition, compileFilter, type MetadataPredicate, type ValuePredicate } from "./evaluate.ts";
export { compileField, type FieldReader } from "./fields.ts";
export { formatFilter } from "./format.ts";
export { parseFilter } from "./parser.ts";
export type { ComparisonOperator, FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";
