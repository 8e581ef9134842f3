import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { allOf, type Filter } from "../../store/filter.ts";
import type { CatalogField } from "../catalog/catalog.ts";
import { allergenValues, isAllergenValue } from "../record/allergens.ts";
import { namesOfIngredient } from "../record/ingredients.ts";
import { PhraseTable } from "../vocabulary/phrases.ts";
import type { AllergenFamily, DietRule, Place } from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";
import type { Lexicon, NamedValue } from "./lexicon.ts";
import type { Constraint } from "./plan.ts";

/** More values make a filter that some servers refuse; the records that are found are checked anyway. */
const mostValuesInFilter = 60;

/** Constraints of one lexicon that are kept: finding them looks at every value of a field. */
const constraintsKept = 1_000;
const kept = new WeakMap<Lexicon, BoundedCache<string, Constraint>>();

function remember(lexicon: Lexicon, key: string, make: () => Constraint): Constraint {
  let own = kept.get(lexicon);
  if (own === undefined) {
    own = new BoundedCache(constraintsKept);
    kept.set(lexicon, own);
  }
  return own.getOrMake(key, make);
}

/** Only foods of a diet, or only those that are not listed for it. */
export function dietConstraint(diet: DietRule, lexicon: Lexicon, isExcluded: boolean = false): Constraint {
  return remember(lexicon, `diet ${isExcluded} ${diet.name}`, () =>
    makeDietConstraint(diet, isExcluded, lexicon),
  );
}

function makeDietConstraint(diet: DietRule, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const allowed = new Set(
    [diet, ...stricterDiets(diet, lexicon)].flatMap(({ values }) => values.map(phraseKey)),
  );
  const isMeant = (value: string) => allowed.has(phraseKey(value));
  const fields = lexicon.fields("diet");
  const filter = isExcluded ? exclusion(fields, isMeant) : membership(fields, isMeant);
  return { kind: "diet", name: diet.name, isExcluded, ...(filter && { filter }) };
}

function stricterDiets(diet: DietRule, { vocabulary }: Lexicon): DietRule[] {
  return vocabulary.diets.filter(({ name }) => diet.impliedBy.includes(name));
}

/** Only foods whose record says which allergens they contain, without those of a family; or only foods with these. */
export function allergenConstraint(
  family: AllergenFamily,
  lexicon: Lexicon,
  isExcluded: boolean = true,
): Constraint {
  return remember(lexicon, `allergen ${isExcluded} ${family.name}`, () =>
    makeAllergenConstraint(family, lexicon, isExcluded),
  );
}

function makeAllergenConstraint(family: AllergenFamily, lexicon: Lexicon, isExcluded: boolean): Constraint {
  if (family.name === "alcohol") return alcoholConstraint(isExcluded, family, lexicon);
  const known = lexicon.fields("allergens");
  if (!isExcluded) {
    const holding = membership([...known, ...lexicon.fields("mayContain")], (value) =>
      isAllergenValue(value, family),
    );
    return { kind: "allergen", name: family.name, isExcluded, ...(holding && { filter: holding }) };
  }
  const conditions: (Filter | undefined)[] = known.map((field) =>
    allOf([hasField(field), ...allergenValues(field.values, family).map((value) => notIn(field, value))]),
  );
  conditions.push(...withoutTraces(family, lexicon));
  const filter = known.length === 0 ? undefined : allOf(conditions);
  return { kind: "allergen", name: family.name, isExcluded: true, ...(filter && { filter }) };
}

/** Only foods that are recorded with alcohol, or without any. */
export function alcoholConstraint(isExcluded: boolean, family: AllergenFamily, lexicon: Lexicon): Constraint {
  const known = lexicon.fields("alcohol").map(
    ({ field }): Filter => ({
      kind: "comparison",
      field,
      operator: "=",
      value: !isExcluded,
    }),
  );
  const may = isExcluded ? withoutTraces(family, lexicon) : [];
  const filter = known.length === 0 ? undefined : allOf([...known, ...may]);
  return { kind: "allergen", name: family.name, isExcluded, ...(filter && { filter }) };
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
  return remember(lexicon, `ingredient ${isExcluded} ${name}`, () =>
    makeIngredientConstraint(name, isExcluded, lexicon),
  );
}

function makeIngredientConstraint(name: string, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const phrases = new PhraseTable<true>();
  for (const phrase of namesOfIngredient(name, !isExcluded)) phrases.add(phrase, true);
  const fields = lexicon.fields("ingredients");
  const isMeant = (value: string) => phrases.isIn(readWords(value));
  const filter = isExcluded
    ? allOf(
        fields.map((field) =>
          allOf([
            hasField(field),
            ...field.values
              .map(([value]) => value)
              .filter(isMeant)
              .slice(0, mostValuesInFilter)
              .map((value) => notIn(field, value)),
          ]),
        ),
      )
    : membership(fields, isMeant);
  return { kind: "ingredient", name, isExcluded, ...(filter && { filter }) };
}

/** Only foods of a place, or from all others. */
export function placeConstraint(place: Place, isExcluded: boolean, lexicon: Lexicon): Constraint {
  return remember(lexicon, `place ${isExcluded} ${place.name}`, () =>
    makePlaceConstraint(place, isExcluded, lexicon),
  );
}

function makePlaceConstraint(place: Place, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const names = new Set(placeNames(place, lexicon).map(phraseKey));
  // `America` is the United States, and no part of `South America`: the longest name in a value counts.
  const isMeant = (value: string) =>
    lexicon.places
      .findAll(readWords(value))
      .some(({ values }) => values.some(({ name }) => names.has(phraseKey(name))));
  const key = phraseKey(place.name);
  const continents = lexicon
    .fields("continent")
    .filter(({ values }) => values.some(([value]) => phraseKey(value) === key));
  const isContinent = continents.length > 0;
  const fields = isContinent ? continents : lexicon.fields("region");
  const filter = isExcluded ? exclusion(fields, isMeant) : membership(fields, isMeant);
  return {
    kind: isContinent ? "continent" : "region",
    name: place.name,
    isExcluded,
    ...(filter ? { filter } : !isExcluded && fields.length === 0 && { phrases: placeNames(place, lexicon) }),
  };
}

/** The names of a place and of all places within it. */
function placeNames(place: Place, { vocabulary }: Lexicon): string[] {
  const inner = (place.contains ?? []).flatMap((name) => {
    const known = vocabulary.places.find((each) => each.name === name);
    return known && known !== place ? placeNames(known, { vocabulary } as Lexicon) : [name];
  });
  return [place.name, ...place.words, ...inner];
}

/** Only foods of a type, for a meal, in a season or on an occasion; or all others. */
export function valueConstraint(value: NamedValue, isExcluded: boolean, lexicon: Lexicon): Constraint {
  return remember(lexicon, `${value.role} ${isExcluded} ${value.name}`, () =>
    makeValueConstraint(value, isExcluded, lexicon),
  );
}

function makeValueConstraint(value: NamedValue, isExcluded: boolean, lexicon: Lexicon): Constraint {
  const { role, name } = value;
  // `Snack` and `dessert` are types in some records and meals in others.
  const roles = role === "type" || role === "meal" ? (["type", "meal"] as const) : [role];
  const fields = roles.flatMap((each) => lexicon.fields(each));
  const isMeant = meaningOf(value, lexicon);
  const filter = isExcluded ? exclusion(fields, isMeant) : membership(fields, isMeant);
  return { kind: role, name, isExcluded, ...(filter && { filter }) };
}

/** Whether records have a value in a field of its own role. */
export function isRecorded(value: NamedValue, lexicon: Lexicon): boolean {
  return membership(lexicon.fields(value.role), meaningOf(value, lexicon)) !== undefined;
}

/** Which values of a field a question means by one. */
function meaningOf(value: NamedValue, lexicon: Lexicon): (text: string) => boolean {
  const key = phraseKey(value.name);
  const phrases = new PhraseTable<true>();
  for (const phrase of [value.name, ...otherWords(value, lexicon)]) phrases.add(phrase, true);
  // An occasion may be a part of a value (`Christmas Eve`), a type is a whole one or one of several (`Snack/Dessert`).
  if (value.role === "occasion") return (text) => phrases.isIn(readWords(text));
  return (text) =>
    [text, ...text.split(/[/,]/)].some((part) => phraseKey(part) === key || phrases.get(part).length > 0) ||
    (value.role === "season" && phraseKey(text) === phraseKey("all year"));
}

/** Words for a value: those of its own entry, or of the one that has the value as a word (`Drink`: `Beverage`). */
function otherWords({ role, name }: NamedValue, { vocabulary }: Lexicon): readonly string[] {
  const entries = vocabulary.values[role] ?? {};
  const own = entries[name];
  if (own) return own;
  const key = phraseKey(name);
  return Object.entries(entries)
    .filter(([, words]) => words.some((word) => phraseKey(word) === key))
    .flatMap(([value, words]) => [value, ...words]);
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

function exclusion(
  fields: readonly CatalogField[],
  qualifies: (value: string) => boolean,
): Filter | undefined {
  return allOf(
    fields.map((field) =>
      allOf(
        field.values
          .map(([value]) => value)
          .filter(qualifies)
          .slice(0, mostValuesInFilter)
          .map((value) => notIn(field, value)),
      ),
    ),
  );
}

function notIn({ field, isList }: CatalogField, value: string): Filter {
  return isList
    ? { kind: "contains", field, value, negated: true }
    : { kind: "comparison", field, operator: "!=", value };
}

function hasField({ field }: CatalogField): Filter {
  return { kind: "has-field", field, negated: false };
}

function anyOf(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? (filters[0] as Filter) : { kind: "or", operands: filters };
}
