import { oncePer } from "../../foundation/once-per.ts";
import { textsOfRole } from "../catalog/roles.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { ExactPhrases, phraseTable } from "../vocabulary/phrases.ts";
import {
  type AllergenFamily,
  type DietRule,
  dietNamed,
  dietsWithin,
  familyNamed,
  readVocabulary,
} from "../vocabulary/vocabulary.ts";
import { phraseKey, readWords } from "../vocabulary/words.ts";
import { isAllergenValue, membersOf, namesAllergen } from "./allergens.ts";
import { nameOf } from "./facts.ts";
import { sentenceStating } from "./stated-parts.ts";

/**
 * What a record says about something that a person may have to avoid.
 *
 * - `contains`: a field says so
 * - `may contain`: a field says so under a condition, or the text mentions it
 * - `free`: a field that would say so does not, and nothing else does
 * - `not recorded`: the record does not say
 */
type Verdict = "contains" | "may contain" | "free" | "not recorded";

export interface Judgement {
  readonly verdict: Verdict;
  /** Whether only the text says so, and says so without a condition. */
  readonly isStated?: boolean;
  /** Whether the text says so although the fields say the opposite: the one that warns counts. */
  readonly isContradiction?: boolean;
  /** What the verdict rests on, from the record itself. */
  readonly evidence: string;
}

/** Words that make a statement depend on something. */
const conditional =
  /\b(?:if|unless|option(?:s|al|ally)?|may|might|can be|could|some(?:times)?|often|usually|potential(?:ly)?|possible|possibly|traces?|variations?|available|version|depending|when|check|ask)\b/i;

/** Words that deny what follows in the same clause. */
const denying =
  /\b(?:no|not|never|without|free (?:of|from)|instead of|rather than|unlike|neither|nor|lacks?|skip|omit|leave out)\b|-free\b|n['’]t\b/i;

/** Whether a record, by its own fields and text, holds an allergen. */
export function judgeAllergen(source: Source, family: AllergenFamily): Judgement {
  const { metadata } = source;
  const listed = family.name === "alcohol" ? alcoholValues(source) : textsOfRole(metadata, "allergens");
  const possible = textsOfRole(metadata, "mayContain");
  const may = (possible ?? []).filter((value) => isAllergenValue(value, family));
  const meant = (listed ?? []).filter((value) => isAllergenValue(value, family));
  const certain = meant.filter((value) => !conditional.test(value));
  if (certain.length > 0) return { verdict: "contains", evidence: `allergens: ${certain.join(", ")}` };
  // What a record says itself counts more than what its ingredients usually bring.
  if (may.length > 0) return { verdict: "may contain", evidence: `may contain: ${may.join(", ")}` };
  const ingredients = (textsOfRole(metadata, "ingredients") ?? []).filter((value) =>
    namesAllergen(value, family),
  );
  const isDenied = hasFreeLabel(source, family);
  if (ingredients.length > 0 && !isDenied) {
    return { verdict: "contains", evidence: `ingredients: ${ingredients.join(", ")}` };
  }
  if (meant.length > 0) return { verdict: "may contain", evidence: `allergens: ${meant.join(", ")}` };
  if (ingredients.length > 0)
    return { verdict: "may contain", evidence: `ingredients: ${ingredients.join(", ")}` };
  // A record that lists what it may contain lists all of it; its text may name a dish beside it.
  const isComplete = listed !== undefined && possible !== undefined;
  const mentioning =
    isDenied || isComplete ? undefined : sentenceWith(source, (clause) => namesAllergen(clause, family));
  if (mentioning) {
    // A name alone is no statement: satay is grilled meat, often with a peanut sauce.
    const rest = mentioning.toLowerCase().replaceAll(nameOf(source).toLowerCase(), "");
    const isStated = !conditional.test(mentioning) && namesAllergen(rest, family);
    return { verdict: "may contain", evidence: mentioning, isStated };
  }
  const denial = statedFree(source, family);
  const against = denial ? undefined : sentenceStating(source, (text) => namesAllergen(text, family));
  if (against && (isDenied || listed !== undefined)) return contradiction(against);
  if (isDenied) return { verdict: "free", evidence: `diet: ${isDenied}` };
  if (listed !== undefined) {
    return {
      verdict: "free",
      evidence: listed.length === 0 ? "no allergens are listed" : `allergens: ${listed.join(", ")}`,
    };
  }
  return denial ? { verdict: "free", evidence: denial } : { verdict: "not recorded", evidence: "" };
}

/** What the text says of the food itself, against the fields. */
function contradiction(evidence: string): Judgement {
  return { verdict: "may contain", evidence, isStated: true, isContradiction: true };
}

/** The field for alcohol as a list of what it says: `true` is alcohol, `false` is nothing. */
function alcoholValues({ metadata }: Source): string[] | undefined {
  const values = textsOfRole(metadata, "alcohol");
  return values?.flatMap((value) =>
    value === "false" || value === "no" ? [] : value === "true" ? ["alcohol"] : [value],
  );
}

/** The label that says a record is free of an allergen: `gluten-free`. */
function hasFreeLabel(source: Source, family: AllergenFamily): string | undefined {
  const families = membersOf(family);
  const diets = readVocabulary().diets;
  const labels = families.map(({ name, diet }) => {
    const rules = diets.filter(
      (rule) => rule.name === diet || (rule.name === "vegan" && rule.allergens.includes(name)),
    );
    return rules.map((rule) => labelOf(source, rule)).find((label) => label !== undefined);
  });
  return labels.every((label) => label !== undefined) ? labels[0] : undefined;
}

/** The diet value of a record that says it suits a diet, without a condition. */
function labelOf({ metadata }: Source, rule: DietRule): string | undefined {
  const keys = dietKeys(rule);
  return (textsOfRole(metadata, "diet") ?? []).find((value) => keys.has(phraseKey(value)));
}

const dietKeys = oncePer(
  (rule: DietRule) => new Set(dietsWithin(rule.name).flatMap(({ values }) => values.map(phraseKey))),
);

/** Whether a record, by its own fields and text, suits a diet: `free` is yes, `contains` is no. */
export function judgeDiet(source: Source, rule: DietRule): Judgement {
  const { metadata } = source;
  const families = rule.allergens.map(familyNamed).filter((family) => family !== undefined);
  const listed = (textsOfRole(metadata, "allergens") ?? []).filter((value) => !conditional.test(value));
  const contrary = listed.filter((value) => families.some((family) => isAllergenValue(value, family)));
  if (contrary.length > 0) return { verdict: "contains", evidence: `allergens: ${contrary.join(", ")}` };
  const label = labelOf(source, rule);
  const forbidden = (textsOfRole(metadata, "ingredients") ?? []).filter(
    (value) =>
      isForbidden(value, rule) ||
      (families.length === 1 && namesAllergen(value, families[0] as AllergenFamily)),
  );
  if (forbidden.length > 0) {
    const verdict = label ? "may contain" : "contains";
    return { verdict, evidence: `ingredients: ${forbidden.join(", ")}` };
  }
  const may = (textsOfRole(metadata, "mayContain") ?? []).filter(
    (value) => isForbidden(value, rule) || families.some((family) => isAllergenValue(value, family)),
  );
  if (may.length > 0) return { verdict: "may contain", evidence: `may contain: ${may.join(", ")}` };
  const names = (text: string) =>
    isForbidden(text, rule) || families.some((family) => namesAllergen(text, family));
  if (label) {
    const isRepeated = dietSentence(source, rule)?.verdict === "free";
    const against = isRepeated ? undefined : sentenceStating(source, names);
    return against ? contradiction(against) : { verdict: "free", evidence: `diet: ${label}` };
  }
  const diets = textsOfRole(metadata, "diet");
  const conditionalLabel = diets?.find((value) => mentionsDiet(value, rule));
  if (conditionalLabel) {
    const isContrary = /^\s*(?:non|not)\b|^contains\b/i.test(conditionalLabel);
    return { verdict: isContrary ? "contains" : "may contain", evidence: `diet: ${conditionalLabel}` };
  }
  const stated = dietSentence(source, rule);
  // A list of diets that leaves this one out says more than a sentence that praises it.
  if (stated?.verdict === "free" && diets !== undefined) return { ...stated, verdict: "may contain" };
  if (stated) return stated;
  const against = diets === undefined ? sentenceWith(source, names) : undefined;
  if (against) return { verdict: "may contain", evidence: against, isStated: !conditional.test(against) };
  return {
    verdict: "not recorded",
    evidence:
      diets === undefined ? "" : diets.length === 0 ? "no diet is listed" : `diets: ${diets.join(", ")}`,
  };
}

/** Words that make a diet depend on how a dish is made. */
const preparing =
  /\b(?:to (?:keep|make|have) (?:it|them|this)|choose|as long as|provided|only (?:if|when|with))\b/i;

/** The clause of a text that makes a diet depend on something: `choose water over beer to keep it gluten-free`. */
export function conditionOfDiet({ text }: Source, rule: DietRule): string | undefined {
  return splitSentences(text)
    .flatMap((sentence) => sentence.split(/[;:]/))
    .find((clause) => isConditional(clause, rule))
    ?.trim()
    .replace(/[.]$/, "");
}

/** Whether a clause mentions a diet beside a condition: not `Vegan, it is rich in calcium when set with salt`. */
function isConditional(clause: string, rule: DietRule): boolean {
  const named = clause.split(/,\s*(?=(?:it|they|this|these)\b)/).filter((part) => mentionsDiet(part, rule));
  return named.some((part) => conditional.test(part) || preparing.test(part));
}

/** What the text says of a diet, if it says so of the food itself. */
function dietSentence(source: Source, rule: DietRule): Judgement | undefined {
  for (const sentence of splitSentences(source.text)) {
    if (!mentionsDiet(sentence, rule)) continue;
    if (conditional.test(sentence)) return { verdict: "may contain", evidence: sentence };
    const isDenied = denying.test(sentence.replace(/-free\b/gi, " free"));
    return { verdict: isDenied ? "contains" : "free", evidence: sentence };
  }
  return undefined;
}

/** `Plant-based protein` says of a part what a label says of the whole. */
const wordsOf = oncePer(({ values, words }: DietRule) =>
  phraseTable([...values, ...words].filter((phrase) => !phrase.startsWith("plant"))),
);

/** Whether a text names a diet. */
export function mentionsDiet(text: string, rule: DietRule): boolean {
  return wordsOf(rule).isIn(readWords(text));
}

const forbiddenBy = oncePer(({ forbids, exceptions }: DietRule) => new ExactPhrases(forbids, exceptions));

/** Whether an ingredient rules a diet out. */
export function isForbidden(ingredient: string, rule: DietRule): boolean {
  return forbiddenBy(rule).isIn(readWords(ingredient));
}

const tableOf = oncePer((names: readonly string[]) => phraseTable(names));

/** Whether a record, by its ingredients and text, holds an ingredient. */
export function judgeIngredient(source: Source, names: readonly string[]): Judgement {
  const table = tableOf(names);
  const ingredients = textsOfRole(source.metadata, "ingredients");
  const meant = (ingredients ?? []).filter((value) => table.isIn(readWords(value)));
  if (meant.length > 0) return { verdict: "contains", evidence: `ingredients: ${meant.join(", ")}` };
  const mentioning = sentenceWith(source, (clause) => table.isIn(readWords(clause)));
  if (mentioning) {
    return { verdict: "may contain", evidence: mentioning, isStated: !conditional.test(mentioning) };
  }
  if (ingredients === undefined) return { verdict: "not recorded", evidence: "" };
  return { verdict: "free", evidence: `ingredients: ${ingredients.join(", ")}` };
}

/** The first sentence with a clause that mentions something and does not deny it. */
function sentenceWith({ text }: Source, mentions: (clause: string) => boolean): string | undefined {
  return splitSentences(text).find((sentence) =>
    sentence.split(/[;,:()]|\bbut\b/).some((clause) => mentions(clause) && !denying.test(clause)),
  );
}

/** The sentence that says a record is free of an allergen: `It is nut-free`. */
function statedFree({ text }: Source, family: AllergenFamily): string | undefined {
  const diet = dietNamed(family.diet ?? "");
  return splitSentences(text).find((sentence) => {
    if (conditional.test(sentence)) return false;
    if (diet && mentionsDiet(sentence, diet)) return !denying.test(sentence.replace(/-free\b/gi, " free"));
    return new RegExp(
      `\\b(?:free (?:of|from) ${family.name}|${family.name.replace(/s$/, "")}s?[- ]free)\\b`,
      "i",
    ).test(sentence);
  });
}
