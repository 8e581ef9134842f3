import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { oncePer } from "../../foundation/once-per.ts";
import { allOf, type Filter } from "../../store/filter.ts";
import type { CatalogField } from "../catalog/catalog.ts";
import { allergenValues, isAllergenValue } from "../record/allergens.ts";
import { namesOfIngredient } from "../record/ingredients.ts";
import { phraseTable } from "../vocabulary/phrases.ts";
import {
  type AllergenFamily,
  type DietRule,
  dietsWithin,
  type Place,
  readVocabulary,
} from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";
import type { Lexicon, NamedValue } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

/** More values make a filter that some servers refuse; the records that are found are checked anyway. */
const mostValuesInFilter = 60;

/** Constraints of one lexicon that are kept: finding them looks at every value of a field. */
const constraintsKept = 1_000;

const keptOf = oncePer((_: Lexicon) => new BoundedCache<string, Constraint>(constraintsKept));

type Kind = Constraint["kind"];

function constraintOf(
  kind: Kind,
  name: string,
  isExcluded: boolean,
  lexicon: Lexicon,
  makeFilter: () => Filter | undefined,
): Constraint {
  return keptOf(lexicon).getOrMake(`${kind} ${isExcluded} ${name}`, () => {
    const filter = makeFilter();
    return { kind, name, isExcluded, ...(filter && { filter }) };
  });
}

/** Only foods of a diet, or only those that are not listed for it. */
export function dietConstraint(diet: DietRule, lexicon: Lexicon, isExcluded: boolean = false): Constraint {
  return constraintOf("diet", diet.name, isExcluded, lexicon, () => {
    const allowed = new Set(dietsWithin(diet.name).flatMap(({ values }) => values.map(phraseKey)));
    return valuesFilter(lexicon.fields("diet"), isExcluded, (value) => allowed.has(phraseKey(value)));
  });
}

/** Only foods whose record says which allergens they contain, without those of a family; or only foods with these. */
export function allergenConstraint(
  family: AllergenFamily,
  lexicon: Lexicon,
  isExcluded: boolean = true,
): Constraint {
  return constraintOf("allergen", family.name, isExcluded, lexicon, () => {
    const known = family.name === "alcohol" ? "alcohol" : "allergens";
    const fields = lexicon.fields(known);
    if (!isExcluded && known === "allergens") {
      return membership([...fields, ...lexicon.fields("mayContain")], (value) =>
        isAllergenValue(value, family),
      );
    }
    if (fields.length === 0) return undefined;
    const conditions = fields.map((field) =>
      known === "alcohol"
        ? comparison(field, "=", !isExcluded)
        : allOf([
            hasField(field),
            ...allergenValues(field.values, family).map((value) => notIn(field, value)),
          ]),
    );
    return allOf([...conditions, ...(isExcluded ? withoutTraces(family, lexicon) : [])]);
  });
}

/** Records that do not say that they may contain it. */
function withoutTraces(family: AllergenFamily, lexicon: Lexicon): Filter[] {
  return lexicon.fields("mayContain").flatMap((field) => {
    const values = allergenValues(field.values, family);
    const without = allOf(values.map((value) => notIn(field, value)));
    return without ? [anyOf([{ kind: "has-field", field: field.field, negated: true }, without])] : [];
  });
}

/** Only foods with an ingredient, or without it. */
export function ingredientConstraint(name: string, isExcluded: boolean, lexicon: Lexicon): Constraint {
  return constraintOf("ingredient", name, isExcluded, lexicon, () => {
    const phrases = phraseTable(namesOfIngredient(name, !isExcluded));
    const fields = lexicon.fields("ingredients");
    const isMeant = (value: string) => phrases.isIn(readWords(value));
    if (!isExcluded) return membership(fields, isMeant);
    return allOf(fields.map((field) => allOf([hasField(field), ...exclusions(field, isMeant)])));
  });
}

/** Only foods of a place, or from all others. */
export function placeConstraint(place: Place, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const key = phraseKey(place.name);
  const continents = lexicon
    .fields("continent")
    .filter(({ values }) => values.some(([value]) => phraseKey(value) === key));
  const isContinent = continents.length > 0;
  const fields = isContinent ? continents : lexicon.fields("region");
  const names = placeNames(place);
  const constraint = constraintOf(
    isContinent ? "continent" : "region",
    place.name,
    isExcluded,
    lexicon,
    () => {
      const keys = new Set(names.map(phraseKey));
      // `America` is the United States, and no part of `South America`: the longest name in a value counts.
      return valuesFilter(fields, isExcluded, (value) =>
        lexicon.places
          .findAll(readWords(value))
          .some(({ values }) => values.some(({ name }) => keys.has(phraseKey(name)))),
      );
    },
  );
  const isRead = constraint.filter === undefined && !isExcluded && fields.length === 0;
  return isRead ? { ...constraint, phrases: names } : constraint;
}

/** The names of a place and of all places within it. */
function placeNames(place: Place): string[] {
  const inner = (place.contains ?? []).flatMap((name) => {
    const known = readVocabulary().places.find((each) => each.name === name);
    return known && known !== place ? placeNames(known) : [name];
  });
  return [place.name, ...place.words, ...inner];
}

/** Only foods of a type, for a meal, in a season or on an occasion; or all others. */
export function valueConstraint(value: NamedValue, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const { role, name } = value;
  return constraintOf(role, name, isExcluded, lexicon, () => {
    // `Snack` and `dessert` are types in some records and meals in others.
    const roles = role === "type" || role === "meal" ? (["type", "meal"] as const) : [role];
    const fields = roles.flatMap((each) => lexicon.fields(each));
    return valuesFilter(fields, isExcluded, meaningOf(value));
  });
}

/** Whether records have a value in a field of its own role. */
export function isRecorded(value: NamedValue, lexicon: Lexicon): boolean {
  return membership(lexicon.fields(value.role), meaningOf(value)) !== undefined;
}

/** Which values of a field a question means by one. */
function meaningOf(value: NamedValue): (text: string) => boolean {
  const key = phraseKey(value.name);
  const phrases = phraseTable([
    value.name,
    ...otherWords(value),
    ...((value.role === "type" && readVocabulary().narrowerTypes[value.name]) || []),
  ]);
  // An occasion may be a part of a value (`Christmas Eve`), a type is a whole one or one of several (`Snack/Dessert`).
  if (value.role === "occasion") return (text) => phrases.isIn(readWords(text));
  return (text) =>
    [text, ...text.split(/[/,]/)].some((part) => phraseKey(part) === key || phrases.get(part).length > 0) ||
    (value.role === "season" && phraseKey(text) === phraseKey("all year"));
}

/** Words for a value: those of its own entry, or of the one that has the value as a word (`Drink`: `Beverage`). */
function otherWords({ role, name }: NamedValue): readonly string[] {
  const entries = readVocabulary().values[role] ?? {};
  const own = entries[name];
  if (own) return own;
  const key = phraseKey(name);
  return Object.entries(entries)
    .filter(([, words]) => words.some((word) => phraseKey(word) === key))
    .flatMap(([value, words]) => [value, ...words]);
}

/** Only records with one of the values that qualify, or only those without any of them. */
function valuesFilter(
  fields: readonly CatalogField[],
  isExcluded: boolean,
  qualifies: (value: string) => boolean,
): Filter | undefined {
  return isExcluded
    ? allOf(fields.flatMap((field) => exclusions(field, qualifies)))
    : membership(fields, qualifies);
}

/** One of a field's values that qualify; `undefined` if no record can meet it. */
function membership(
  fields: readonly CatalogField[],
  qualifies: (value: string) => boolean,
): Filter | undefined {
  const options = fields.flatMap((field): Filter[] => {
    const values = field.values.map(([value]) => value).filter(qualifies);
    if (values.length === 0 || values.length > mostValuesInFilter) return [];
    if (!field.isList) return [{ kind: "in", field: field.field, values, negated: false }];
    return values.map((value) => ({ kind: "contains", field: field.field, value, negated: false }));
  });
  return options.length === 0 ? undefined : anyOf(options);
}

function exclusions(field: CatalogField, qualifies: (value: string) => boolean): Filter[] {
  return field.values
    .map(([value]) => value)
    .filter(qualifies)
    .slice(0, mostValuesInFilter)
    .map((value) => notIn(field, value));
}

function notIn(field: CatalogField, value: string): Filter {
  return field.isList
    ? { kind: "contains", field: field.field, value, negated: true }
    : comparison(field, "!=", value);
}

function comparison({ field }: CatalogField, operator: "=" | "!=", value: string | boolean): Filter {
  return { kind: "comparison", field, operator, value };
}

function hasField({ field }: CatalogField): Filter {
  return { kind: "has-field", field, negated: false };
}

function anyOf(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? (filters[0] as Filter) : { kind: "or", operands: filters };
}
