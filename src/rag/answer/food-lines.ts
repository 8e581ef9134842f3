import { tokenize } from "../../embedding/tokenizer.ts";
import { textsOf, textsOfRole } from "../catalog/roles.ts";
import { energyOf, factsOf } from "../record/facts.ts";
import { nutrientsIn } from "../record/nutrients.ts";
import { personsIn, warningsOf } from "../record/warnings.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { asksProperty, type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { writeOutAges } from "../understanding/write-out.ts";
import { termsOf } from "../vocabulary/terms.ts";
import { type FieldRole, factNamed, readVocabulary } from "../vocabulary/vocabulary.ts";
import { writtenByStem } from "../vocabulary/words.ts";
import { type AnswerLine, joined, line, sentence } from "./line.ts";
import { safetyLines, withoutVerdict } from "./safety-lines.ts";
import { sentencesAbout } from "./sentences.ts";
import { sentencesStating, unmentionedWays, unsaid } from "./text-facts.ts";

/** Sentences of a text that one fact quotes. */
const sentencesPerFact = 2;

/** Sentences that say what a food is. */
const sentencesOfDefinition = 3;

/** What a question asks about one food, from the food's own record. */
export function foodLines(plan: QuestionPlan, name: string, source: Source): AnswerLine[] {
  const { asked } = plan;
  const safety = safetyLines(wholeQuestion(plan), name, source, asked, widerName(plan, source));
  const isForPerson = namesPerson(plan.question);
  const facts = asked.facts
    .filter(
      (fact) => !(asksProperty(asked) && impliedBySafety.has(fact)) || (isForPerson && fact === "safety"),
    )
    // A warning comes before all else.
    .sort((left, right) => Number(right === "safety") - Number(left === "safety"));
  // `Does spinach contain oxalate?`: that it is made of spinach is no answer.
  const isPart = /\bcontains?\b/i.test(plan.question) && facts.join() === "ingredients";
  const missing = isPart ? notMentioned(plan, name, source) : [];
  if (missing.length > 0) return missing;
  const [first, ...others] = facts.map((fact) => factLines(plan, name, source, fact));
  // For a child the warnings come first, and a diet or an allergy that was said before is no "yes".
  const all =
    isForPerson && facts[0] === "safety"
      ? [
          ...(first ?? []),
          ...safety.map((each) => ({ ...each, text: withoutVerdict(each.text) })),
          ...others.flat(),
        ]
      : [...safety, ...(first ?? []), ...others.flat()];
  const lines = [...new Map(all.map((each) => [each.text, each])).values()];
  const [opening, ...rest] = lines;
  if (opening === undefined) return [...notMentioned(plan, name, source), ...definition(plan, source)];
  // A sentence from the middle of a text often says "it".
  const isNamed = opening.text.toLowerCase().includes(name.toLowerCase());
  return isNamed ? lines : [{ ...opening, text: `${name}: ${opening.text}` }, ...rest];
}

/** How a question names a food, if that is only a part of the name of its record. */
function widerName({ foods }: QuestionPlan, { id }: Source): string | undefined {
  const { name = "", written } = foods.find(({ ids }) => ids.includes(id)) ?? {};
  if (written === undefined) return undefined;
  const [asked, recorded] = [tokenize(written), tokenize(name)];
  return asked.length < recorded.length && asked.every((term) => recorded.includes(term))
    ? written
    : undefined;
}

/** Facts that a question about diets or allergens names without wanting them for their own sake. */
const impliedBySafety = new Set(["ingredients", "allergens", "diet", "safety", "preparation", "serving"]);

/** More words that a record lacks mean that the question is put in other words than the record. */
const mostNamed = 3;

let factStems: ReadonlySet<string> | undefined;

/** What a question asks about a food and its record has no word of: `wine` of `Does wine suit moussaka?` */
function notMentioned(plan: QuestionPlan, name: string, source: Source): AnswerLine[] {
  const { terms, foods, question, language } = plan;
  factStems ??= new Set(
    readVocabulary().facts.flatMap(({ words }) => words.flatMap((each) => tokenize(each))),
  );
  const held = new Set([
    ...foods.flatMap((food) => [food.name, food.written ?? ""]).flatMap((each) => tokenize(each)),
    ...termsOf(source.text),
    ...Object.values(source.metadata)
      .flatMap(textsOf)
      .flatMap((each) => termsOf(each)),
  ]);
  const missing = terms.filter((term) => !held.has(term) && !factStems?.has(term));
  if (missing.length === 0 || missing.length > mostNamed) return [];
  // That a record lacks a foreign word, or a word for an allergy, is no answer to someone who must avoid it.
  if (language !== undefined || /\ballerg|\bintoleran/i.test(question)) return [];
  const corrected = plan.corrections.map(({ to }) => to);
  const written = writtenByStem([...corrected, wholeQuestion(plan)].join(" "));
  const words = missing.map((term) => `“${written.get(term) ?? term}”`);
  return [line(`The record of ${name} does not mention ${joined(words, "or")}.`, source)];
}

/** What a food is: the first sentences of its text, and those that share words with the question. */
function definition(plan: QuestionPlan, source: Source): AnswerLine[] {
  const sentences = splitSentences(source.text);
  const terms = new Set(plan.terms);
  const nameTerms = new Set(plan.foods.flatMap(({ name }) => tokenize(name)));
  const asked = sentences
    .slice(1)
    .filter((each) => termsOf(each).some((term) => terms.has(term) && !nameTerms.has(term)));
  const chosen = [...new Set([sentences[0] ?? "", ...asked, ...sentences.slice(1)])].slice(
    0,
    sentencesOfDefinition,
  );
  const text = sentences.filter((each) => chosen.includes(each)).join(" ");
  const facts = factsOf(source)
    .filter(({ role }) => role !== "ingredients")
    .map((fact) => fact.text);
  return [
    line(text, source),
    ...(facts.length > 0 ? [line(sentence(`On record: ${facts.join("; ")}`), source)] : []),
  ];
}

const statements: Readonly<Partial<Record<string, (name: string, values: string) => string>>> = {
  ingredients: (name, values) => `${name} is made of ${values}`,
  allergens: (name, values) => `${name} contains these allergens: ${values}`,
  diet: (name, values) => `Diets that ${name} is listed for: ${values}`,
  season: (name, values) =>
    values === "all year" ? `${name} is available all year` : `${name} is in season in ${values}`,
  meal: (name, values) => `${name} is eaten as: ${values}`,
  origin: (name, values) => `${name} comes from ${values}`,
  occasion: (name, values) => `${name} is eaten on these occasions: ${values}`,
};

function factLines(plan: QuestionPlan, name: string, source: Source, fact: string): AnswerLine[] {
  const rule = factNamed(fact);
  const terms = new Set(plan.terms);
  const lines: AnswerLine[] =
    fact === "safety"
      ? personLines(plan, name, source)
      : fact === "storage"
        ? unmentionedWays(plan.question, source.text).map((way) =>
            line(`The record of ${name} does not mention ${way}.`, source),
          )
        : fact === "nutrition"
          ? unnamedNutrients(plan, name, source)
          : [];
  const notSaid = line(`The record of ${name} ${unsaid(fact, "")}.`, source);
  // Texts praise nutrients, and give no amounts.
  if (fact === "amount") lines.push(notSaid);
  const field = fieldStatement(name, source, fact, rule?.field ?? fact);
  if (field) lines.push(line(sentence(field), source));
  if (fact === "preparation" && field === undefined) {
    const how = sentencesAbout(source, fact, terms, sentencesOfDefinition);
    return how.length > 1 ? how.map((text) => line(text, source)) : definition(plan, source);
  }
  const isComplete =
    field !== undefined &&
    (fact === "energy" || fact === "ingredients" || fact === "season" || fact === "origin");
  const count = isComplete ? 1 : sentencesPerFact;
  const names = new Set(plan.foods.flatMap((food) => tokenize(food.name)));
  const isOnTopic = (text: string) => termsOf(text).some((term) => terms.has(term) && !names.has(term));
  for (const text of sentencesStating(source, fact, plan.question, terms, count))
    if (fact !== "reason" || isOnTopic(text)) lines.push(line(text, source));
  if (lines.length > 0) return lines;
  return [notSaid, ...definition(plan, source).slice(0, 1)];
}

/** Who may be in danger and the record does not mention, and what its ingredients mean for them. */
function personLines(plan: QuestionPlan, name: string, source: Source): AnswerLine[] {
  const persons = personsIn(writeOutAges(plan.question));
  const known = personsIn(source.text);
  const warnings = warningsOf(source, persons);
  // What an ingredient means for a person answers the question.
  const missing = warnings.length > 0 ? [] : persons.filter((who) => !known.includes(who));
  return [
    ...warnings.map((warning) => line(warning, source)),
    ...missing.map((who) => line(`The record of ${name} does not mention ${who}.`, source)),
  ];
}

/** Whether a question names a child, or a person who is pregnant. */
export function namesPerson(question: string): boolean {
  return personsIn(writeOutAges(question)).some((who) => who === "babies or children" || who === "pregnancy");
}

/** The nutrients that a question names and a record does not: its others are no answer. */
function unnamedNutrients(plan: QuestionPlan, name: string, source: Source): AnswerLine[] {
  const held = nutrientsIn(source.text);
  const missing = nutrientsIn(wholeQuestion(plan)).filter((nutrient) => !held.includes(nutrient));
  const names = missing.map((nutrient) => nutrient.name);
  return names.length === 0
    ? []
    : [line(`The record of ${name} does not mention ${joined(names, "or")}.`, source)];
}

function fieldStatement(name: string, source: Source, fact: string, role: string): string | undefined {
  if (fact === "energy") {
    const energy = energyOf(source);
    return energy && `${name} has ${energy}`;
  }
  const values = textsOfRole(source.metadata, role as FieldRole);
  if (values === undefined) return undefined;
  if (values.length === 0)
    return fact === "allergens" ? `The record of ${name} lists no allergens` : undefined;
  const may = fact === "allergens" ? textsOfRole(source.metadata, "mayContain") : undefined;
  const more = may && may.length > 0 ? `; it may contain ${joined(may)}` : "";
  const say = statements[fact];
  return (say ? say(name, joined(values)) : `${name}: ${values.join("; ")}`) + more;
}
