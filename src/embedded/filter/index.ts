export { type Completion, completionAt } from "./completion.ts";
export { compileCondition, compileFilter } from "./evaluate.ts";
export { compileField } from "./fields.ts";
export { formatFilter } from "./format.ts";
export { parseFilter } from "./parser.ts";
export type { FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";
