import { JsonText } from "../../../src/foundation/exact-json/index.ts";
import type { Row } from "../records/row-source.ts";
import { cellText } from "./cell-text.ts";
import type { Column } from "./columns.ts";

/** The order of the rows by one column. */
export interface Sort {
  /** The id of the column. */
  readonly column: string;
  readonly isDescending: boolean;
}

/** The sort after a click on a column: up, then down, then the order of the records again. */
export function nextSort(before: Sort | undefined, column: string): Sort | undefined {
  if (before?.column !== column) return { column, isDescending: false };
  return before.isDescending ? undefined : { column, isDescending: true };
}

const words = new Intl.Collator("en", { numeric: true });

/** Numbers by value, then words; rows without a value are last in both directions. */
export function comparison({ value }: Column, { isDescending }: Sort): (left: Row, right: Row) => number {
  const direction = isDescending ? -1 : 1;
  return (left, right) => {
    const [one, other] = [keyOf(value(left)), keyOf(value(right))];
    if (one === undefined || other === undefined)
      return Number(one === undefined) - Number(other === undefined);
    if (isNumber(one) && isNumber(other)) return direction * (one < other ? -1 : Number(one > other));
    if (isNumber(one) || isNumber(other)) return direction * (isNumber(one) ? -1 : 1);
    return direction * words.compare(one, other);
  };
}

function isNumber(key: string | number | bigint): key is number | bigint {
  return typeof key !== "string";
}

function keyOf(value: unknown): string | number | bigint | undefined {
  const plain = value instanceof JsonText ? value.valueOf() : value;
  if (plain === undefined || plain === null || plain === "") return undefined;
  return typeof plain === "number" || typeof plain === "bigint" ? plain : cellText(plain);
}
