import type { FacetResponse } from "../service/contract.ts";

/** A group of the filters: values to choose, with the records that remain, or that drop out. */
export interface FilterGroup {
  readonly field: string;
  readonly title: string;
  readonly isList: boolean;
  readonly isExcluded: boolean;
  readonly values: FacetResponse["values"];
}

/** Fields that come first, in this order; any others follow as the data has them. */
const first = ["diet", "allergens", "type", "continent", "region", "meal", "season", "occasion"];

/** Values of a field that still make a menu. */
export const mostValues = 200;

/** The filters that the data offers: fields whose values repeat. Allergens are offered as "without". */
export function filterGroups(facets: readonly FacetResponse[]): FilterGroup[] {
  const possible = facets.find(({ field }) => field === "mayContain")?.values ?? [];
  const mayContain = new Map(possible.map(({ value, count }) => [value, count]));
  const place = ({ field }: FacetResponse) => (first.indexOf(field) + first.length + 1) % (first.length + 1);
  return facets
    .filter(({ field, isComplete, values }) => field !== "mayContain" && isComplete && isMenu(values))
    .sort((left, right) => place(left) - place(right))
    .map(({ field, isList, values }) => {
      const isExcluded = field === "allergens";
      return {
        field,
        isList,
        isExcluded,
        title: isExcluded ? "without" : field,
        values: isExcluded
          ? values
              .map(({ value, count }) => ({ value, count: count + (mayContain.get(value) ?? 0) }))
              .sort((left, right) => right.count - left.count)
          : values,
      };
    });
}

/** Numbers are compared, not chosen one by one. */
function isMenu(values: FacetResponse["values"]): boolean {
  if (values.some(({ value }) => typeof value === "number")) return false;
  return values.length > 1 && (values[0]?.count ?? 0) > 1;
}
