/** A metadata field with its values and their number of records, as `GET /api/foods/facets` lists it. */
export interface Facet {
  readonly field: string;
  readonly recordCount: number;
  readonly isList: boolean;
  readonly values: readonly (readonly [value: string | number | boolean, count: number])[];
  readonly isComplete: boolean;
}

/** A group of the filters: values to choose, with the records that remain, or that drop out. */
export interface FilterGroup {
  readonly field: string;
  readonly title: string;
  readonly isList: boolean;
  readonly isExcluded: boolean;
  readonly values: readonly (readonly [value: string | number | boolean, count: number])[];
}

/** Fields that come first, in this order; any others follow as the data has them. */
const first = ["diet", "allergens", "type", "continent", "region", "meal", "season", "occasion"];

/** Values of a field that still make a menu. */
const mostValues = 200;

/** The filters that the data offers: fields whose values repeat. Allergens are offered as "without". */
export function filterGroups(facets: readonly Facet[]): FilterGroup[] {
  const mayContain = new Map(facets.find(({ field }) => field === "mayContain")?.values);
  const place = ({ field }: Facet) => (first.indexOf(field) + first.length + 1) % (first.length + 1);
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
          ? values.map(([value, count]) => [value, count + (mayContain.get(value) ?? 0)] as const)
          : values,
      };
    });
}

function isMenu(values: Facet["values"]): boolean {
  return values.length > 1 && values.length <= mostValues && (values[0]?.[1] ?? 0) > 1;
}
