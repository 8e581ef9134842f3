export { completionAt } from "./completion.ts";
export { compileCondition, compileFilter, type MetadataPredicate } from "./evaluate.ts";
export { compileField } from "./fields.ts";
export { formatFilter, formatLiteral } from "./format.ts";
export { isFieldPath } from "./lexer.ts";
export { parseFilter } from "./parser.ts";
export type { FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";
