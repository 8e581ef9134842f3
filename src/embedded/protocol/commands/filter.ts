import { type FilterExpression, parseFilter } from "../../filter/index.ts";
import { type Fields, textOf } from "../body.ts";

/** The filter of a request; `undefined` if it is missing or blank. */
export function filterOf(fields: Fields): FilterExpression | undefined {
  const text = textOf(fields, "filter") ?? "";
  return text.trim() === "" ? undefined : parseFilter(text);
}
