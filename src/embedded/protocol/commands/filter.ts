import { type FilterExpression, parseFilter } from "../../filter/index.ts";
import { type Fields, textOf } from "../body.ts";

/** The filter of a request; `undefined` where it has none, or an empty one. */
export function filterOf(fields: Fields): FilterExpression | undefined {
  const text = textOf(fields, "filter") ?? "";
  return text.trim() === "" ? undefined : parseFilter(text);
}
