import { textsOfRole } from "../catalog/roles.ts";
import { membersOf, namesAllergen } from "../record/allergens.ts";
import { namesOfIngredient } from "../record/ingredients.ts";
import { conditionOfDiet, judgeAllergen, judgeDiet, judgeIngredient, mentionsDiet } from "../record/judge.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import type { Asked } from "../understanding/plan.ts";
import { dietNamed, familyNamed } from "../vocabulary/vocabulary.ts";
import { type AnswerLine, joined, line, sentence } from "./line.ts";
import { beginningWith } from "./sentences.ts";

/** Said with every answer on diets and allergies. */
export const labelAdvice = "Records are general and recipes differ: check the label, or ask who cooks.";

/** `Isn't there milk in hummus?` asks the same as `Is there milk in hummus?`. */
const politeNegation = /^(\W*(?:and |but |so )?(?:is|are|was|were|does|do|did|has|have|can|could))n['’]t\b/;

/** What a person does not eat, or does not know, is no negation of what is asked. */
const ofPerson =
  /\b(?:i|we|he|she|they|who|that)(?: can(?:no|['’])?t| can not| do(?:es)?n['’]t| do(?:es)? not| must not| must(?:n['’]t)| should(?:n['’]t| not)) (?:eat|have|tolerate|drink)\b|\b(?:no idea|not sure|not know|n['’]t know)\b/g;

const negation = /\b(?:no|not|without|never|lacks?|lacking|free)\b|n['’]t\b/g;

/** A question whose "yes" means that the food does harm. */
const asksToAvoid =
  /\b(?:should|must|ought|anything|something|ha(?:ve|s) to|needs? to)\b.*\bavoid\b|\bbad for\b|\bunsafe\b|\bnot (?:safe|ok|okay|suitable)\b/;

/** A question whose "yes" means that the food suits a person. */
const asksIfSuits =
  /\b(?:safe|safely|suit|suits|suitable|ok|okay|fine|avoid|can (?:i|we|he|she|they|you|someone|people))\b/;

/** `Does X contain milk?`, `Is there milk in X?` */
const asksIfHolds =
  /(?:^|[.,;?!]\s*)(?:and |but |so )?(?:(?:does|do|did)\s+(?:(?!suit)\S+\s+){0,3}(?:contain|have|include)|(?:is|are) there)\b/;

const isYesOrNo = /\b(?:is|are|does|do|did|has|have|contains?|can)\b/;

/**
 * What a "yes" to a question says of a food: that it is free of something, or holds it; `undefined` if that is not
 * certain, so that an answer has to begin with the fact.
 */
function meaningOfYes(question: string, name: string): "free" | "holds" | undefined {
  // A name may hold such a word itself: Horenso no Gomaae.
  const text = question
    .toLowerCase()
    .replace(name.toLowerCase(), "")
    .replace(politeNegation, "$1")
    .replace(ofPerson, "avoid");
  const negations = text.match(negation)?.length ?? 0;
  const isHarm = asksToAvoid.test(text);
  if (negations > 0) return negations > 1 || isHarm ? undefined : "free";
  if (isHarm) return "holds";
  const isSuited = asksIfSuits.test(text);
  if (asksIfHolds.test(text)) return isSuited ? undefined : "holds";
  if (isSuited || /\b(?:allerg|intoleran)/.test(text)) return "free";
  return isYesOrNo.test(text) ? "holds" : undefined;
}

/** A statement that answers with the fact alone. */
export function withoutVerdict(statement: string): string {
  const fact = statement.replace(/^(?:Yes|No)(?:, by its (?:record|text))?[,:] /, "");
  return fact.charAt(0).toUpperCase() + fact.slice(1);
}

/** A question whose "no" means that the food does no harm: what a record does not list is no answer to it. */
const asksForDanger = /\b(?:danger\w*|toxic|poison\w*|harm\w*|risk\w*|deadly|fatal|kill\w*|bad for)\b/i;

/**
 * What the record of a food says about the diets, allergens and ingredients that a question asks about.
 *
 * @param wider how the question names the food, if others may be called so too: `paella` for `Paella Valenciana`
 */
export function safetyLines(
  question: string,
  name: string,
  source: Source,
  asked: Asked,
  wider?: string,
): AnswerLine[] {
  const lines = [
    ...asked.diets.flatMap((diet) =>
      dietLines(question, name, source, diet, asked.unlabelledDiets?.includes(diet) !== true),
    ),
    ...asked.allergens.flatMap((allergen) => allergenLines(question, name, source, allergen)),
    ...asked.ingredients.map((ingredient) => ingredientLine(question, name, source, ingredient)),
  ];
  if (wider === undefined) return lines;
  return lines.map((each) =>
    saysFree.test(each.text)
      ? {
          ...each,
          text: `Of ${wider}, only ${name} is on record, and others may differ: ${withoutVerdict(each.text)}`,
        }
      : each,
  );
}

/** A verdict that a food is free of something, or suits a diet. */
const saysFree =
  /^(?:Yes, by its record:|Yes, (?!by|on)(?!.* contains )|No[,:] .* (?:lists no|does not list) )/;

/** @param isLabelled whether records of the data are labelled with the diet, so that a missing label says no */
function dietLines(
  question: string,
  name: string,
  source: Source,
  diet: string,
  isLabelled: boolean,
): AnswerLine[] {
  const rule = dietNamed(diet);
  if (rule === undefined) return [];
  const { verdict, evidence, isStated, isContradiction } = judgeDiet(source, rule);
  const said = evidence === "" ? "" : ` (${evidence.replace(/[.]$/, "")})`;
  const condition = conditionOfDiet(source, rule);
  const statement = {
    free:
      condition === undefined
        ? `Yes, ${name} is ${diet}${said}`
        : `Yes, on a condition: ${name} is ${diet}${said}, but its record says "${condition}"`,
    contains: `No, ${name} is not ${diet}${said}`,
    "may contain": isContradiction
      ? `No, treat ${name} as not ${diet}: ${contradicting(evidence)} its field for diets names ${diet}`
      : isStated
        ? `No, by its text: ${name} is not ${diet}${said}`
        : `Not for certain: ${name} may not be ${diet}${said}`,
    "not recorded":
      textsOfRole(source.metadata, "diet") === undefined || !isLabelled
        ? `Not recorded: the record of ${name} does not say whether it is ${diet}`
        : `No, ${name} is not listed as ${diet}${said}`,
  }[verdict];
  const own = splitSentences(source.text).filter(
    (each) =>
      mentionsDiet(each, rule) || (rule.allergens.length === 1 && mentionsAllergen(each, rule.allergens)),
  );
  const text = question.toLowerCase().replace(politeNegation, "$1").replace(ofPerson, "");
  const isTurned = asksToAvoid.test(text) || /\bnot\b|n['’]t\b/.test(text);
  return [
    line(sentence(isTurned ? withoutVerdict(statement) : statement), source),
    ...quotes(own, evidence, source),
  ];
}

/** The text of a record says what its fields leave out. */
function contradicting(evidence: string): string {
  return `the record contradicts itself. Its text says “${evidence.replace(/[.]$/, "")}”, but`;
}

function mentionsAllergen(text: string, names: readonly string[]): boolean {
  return names.some((name) => {
    const family = familyNamed(name);
    return family !== undefined && namesAllergen(text, family);
  });
}

function allergenLines(question: string, name: string, source: Source, allergen: string): AnswerLine[] {
  const family = familyNamed(allergen);
  if (family === undefined) return [];
  const { verdict, evidence, isStated, isContradiction } = judgeAllergen(source, family);
  const yes = meaningOfYes(question, name);
  const isFreedom = yes === "free";
  const said = evidence === "" ? "" : ` (${evidence.replace(/[.]$/, "")})`;
  const statement = {
    contains: `${isFreedom ? "No" : "Yes"}, ${name} contains ${allergen}${said}`,
    "may contain": isContradiction
      ? `${isFreedom ? "No, treat" : "Treat"} ${name} as containing ${allergen}: ${contradicting(evidence)} its fields name no ${allergen}`
      : isStated
        ? `${isFreedom ? "No" : "Yes"}, by its text: ${name} contains or comes with ${allergen}${said}`
        : `It may: ${name} may contain ${allergen}${said}`,
    free: asksForDanger.test(question)
      ? `The record of ${name} lists no ${allergen}${said}, and does not say whether that is dangerous`
      : `${isFreedom ? "Yes, by its record" : "No"}: ${name} lists no ${allergen}${said}`,
    "not recorded": `Not recorded: the record of ${name} does not say whether it contains ${allergen}`,
  }[verdict];
  const words = beginningWith(family.words, "i");
  // The name itself may be that of an allergen: pesto.
  const own = splitSentences(source.text).filter((each) => {
    const rest = each.toLowerCase().replaceAll(name.toLowerCase(), "");
    return namesAllergen(rest, family) || /\ballerg/i.test(rest) || words.test(rest);
  });
  const related = verdict === "contains" ? "" : relatedNote(allergen, source);
  const answer = yes === undefined ? withoutVerdict(statement) : statement;
  return [line(`${sentence(answer)}${related}`, source), ...quotes(own, evidence, source)];
}

/** At most two sentences of the record itself that are not said already. */
function quotes(sentences: readonly string[], evidence: string, source: Source): AnswerLine[] {
  return sentences
    .filter((each) => each !== evidence)
    .slice(0, 2)
    .map((each) => line(each, source));
}

/** What some people with an allergy avoid although it is no allergen by law: coconut for tree nuts. */
export function relatedNote(allergen: string, source: Source): string {
  const family = familyNamed(allergen);
  const related = (family ? membersOf(family) : []).flatMap((member) => member.related ?? []);
  const held = [...new Set(related)].filter((food) => {
    const { verdict } = judgeIngredient(source, [food]);
    return verdict === "contains" || verdict === "may contain";
  });
  if (held.length === 0) return "";
  return ` Has ${joined(held)}, which some people with an allergy to ${allergen} avoid.`;
}

function ingredientLine(question: string, name: string, source: Source, ingredient: string): AnswerLine {
  const { verdict, evidence } = judgeIngredient(source, namesOfIngredient(ingredient));
  const yes = meaningOfYes(question, name);
  const isFreedom = yes === "free";
  const statement = {
    contains: `${isFreedom ? "No" : "Yes"}, ${name} contains ${ingredient} (${evidence})`,
    "may contain": `The record of ${name} mentions ${ingredient}: ${evidence}`,
    free: `${isFreedom ? "Yes, by its record:" : "No,"} ${name} does not list ${ingredient} (${evidence})`,
    "not recorded": `Not recorded: the record of ${name} lists no ingredients and does not mention ${ingredient}`,
  }[verdict];
  return line(sentence(yes === undefined ? withoutVerdict(statement) : statement), source);
}
