export { completionAt } from "./completion.ts";
export {
  comparableTypes,
  compileCondition,
  compileFilter,
  type LiteralType,
  type MetadataPredicate,
  valuesEqualTo,
} from "./evaluate.ts";
export { compileField, fieldSteps } from "./fields.ts";
export { formatFilter, formatLiteral } from "./format.ts";
export { type GlobElement, readGlob } from "./glob.ts";
export { isFieldPath } from "./lexer.ts";
export { parseFilter } from "./parser.ts";
export type { FilterCondition, FilterExpression, FilterLiteral } from "./syntax.ts";
