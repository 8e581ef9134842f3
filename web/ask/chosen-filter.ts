/** A value of a metadata field that records must have, or must not have. */
export interface ChosenFilter {
  readonly field: string;
  readonly value: string | number | boolean;
  /** Whether the field holds lists. */
  readonly isList: boolean;
  readonly isExcluded: boolean;
}

/** Chosen filters in the filter language, joined with AND; `undefined` without any. */
export function toFilterText(filters: readonly ChosenFilter[]): string | undefined {
  const excluded = filters.filter(({ isExcluded }) => isExcluded).map(excludedCondition);
  const lists = filters.filter((each) => !each.isExcluded && each.isList).map(listCondition);
  const single = filters.filter((each) => !each.isExcluded && !each.isList);
  const fields = [...new Set(single.map(({ field }) => field))];
  // Two regions mean one or the other; two diets mean both.
  const alternatives = fields.map((field) => {
    const values = single.filter((each) => each.field === field).map(({ value }) => literal(value));
    return values.length === 1 ? `${field} = ${values[0]}` : `${field} IN (${values.join(", ")})`;
  });
  const conditions = [...lists, ...alternatives, ...excluded];
  return conditions.length === 0 ? undefined : conditions.join(" AND ");
}

export function describeFilter({ value, isExcluded }: ChosenFilter): string {
  return isExcluded ? `without ${value}` : String(value);
}

export function isSameFilter(left: ChosenFilter, right: ChosenFilter): boolean {
  return left.field === right.field && left.value === right.value && left.isExcluded === right.isExcluded;
}

function listCondition({ field, value }: ChosenFilter): string {
  return `${field} CONTAINS ${literal(value)}`;
}

/** A food that may contain an allergen is not without it. */
function excludedCondition({ field, value }: ChosenFilter): string {
  const without = `${field} NOT CONTAINS ${literal(value)}`;
  if (field !== "allergens") return without;
  return `${without} AND (HAS NOT FIELD mayContain OR mayContain NOT CONTAINS ${literal(value)})`;
}

function literal(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

/** Whether a value is a filter that the page could have made. */
export function isChosenFilter(value: unknown): value is ChosenFilter {
  const filter = (value ?? {}) as Partial<Record<keyof ChosenFilter, unknown>>;
  return (
    typeof filter.field === "string" &&
    /^[\w.]+$/.test(filter.field) &&
    ["string", "number", "boolean"].includes(typeof filter.value) &&
    typeof filter.isList === "boolean" &&
    typeof filter.isExcluded === "boolean"
  );
}
