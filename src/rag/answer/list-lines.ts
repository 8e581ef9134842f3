import { counted } from "../../foundation/plural.ts";
import { textsOfRole } from "../catalog/roles.ts";
import { namesFamily } from "../record/allergens.ts";
import { energyOf, factsOf, figureOf, nameOf } from "../record/facts.ts";
import { conditionOfDiet, judgeAllergen } from "../record/judge.ts";
import { personsIn, warningsOf } from "../record/warnings.ts";
import type { MatchCount } from "../retrieval/retriever.ts";
import { holdsWanted, isSafetyConstraint, judge } from "../retrieval/safety.ts";
import type { Source } from "../source.ts";
import { describeConstraints } from "../understanding/describe.ts";
import { describeConstraint, isApplied } from "../understanding/describe-constraint.ts";
import { type Constraint, type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { comparing } from "../understanding/subjects.ts";
import { writeOutAges } from "../understanding/write-out.ts";
import { dietNamed, readVocabulary } from "../vocabulary/vocabulary.ts";
import { namesPerson } from "./food-lines.ts";
import { type AnswerLine, joined, line, unmentionedLines } from "./line.ts";
import { labelAdvice, relatedNote } from "./safety-lines.ts";
import { bestSentence, sentencesAbout } from "./sentences.ts";
import { seldomStatedFact, statedOf, unsaid } from "./text-facts.ts";

/** Foods that meet conditions, a line each; with what their records say about diets and allergens. */
export function listLines(
  plan: QuestionPlan,
  sources: readonly Source[],
  matchCount: MatchCount,
): AnswerLine[] {
  const safety = plan.constraints.filter(
    (each) => isSafetyConstraint(each) || each.kind === "allergen" || each.kind === "diet",
  );
  const described = describeConstraints(plan.constraints.filter(isApplied));
  if (plan.asked.facts.includes("safety") && safety.length === 0) return cautionLines(plan, sources);
  const terms = new Set(plan.terms);
  const uncompared = plan.constraints.filter(({ kind, filter }) => kind === "figure" && filter === undefined);
  const limits = described === "" ? "" : ` (${described})`;
  const count = `${matchCount.isComplete ? "" : "At least "}${counted(matchCount.count, `${plan.shown ? "other " : ""}${plan.noun ?? "food"}`)}`;
  const { uncertainCount = 0 } = matchCount;
  const more = uncertainCount === 0 ? "" : `, and ${uncertainCount} that only may contain it`;
  const isCut = matchCount.count + uncertainCount > sources.length;
  const closest = sources.length === 1 ? "The closest" : `The ${sources.length} closest`;
  const fact = seldomStatedFact(plan);
  const stated = (source: Source) => (fact === undefined ? undefined : statedOf(source, fact, plan));
  const lines = [
    ...(fact !== undefined && !sources.some(stated)
      ? [line(`The closest records ${unsaid(fact, wholeQuestion(plan), "do")}.`)]
      : []),
    ...unnamedLines(plan),
    ...unrankedLines(plan),
    ...(plan.dropped
      ? [
          line(
            `No record is all of that. Searched without: ${plan.dropped.map(describeConstraint).join(", ")}.`,
          ),
        ]
      : []),
    ...uncompared.map(({ name }) => line(`No record has a figure that could be compared: ${name}.`)),
    line(isCut ? `${count} found${limits}${more}. ${closest} to the question:` : `${count}${limits}${more}:`),
  ];
  const isForPerson = plan.asked.facts.includes("safety") && namesPerson(plan.question);
  for (const source of sources) {
    const energy = plan.constraints.some(({ kind }) => kind === "energy")
      ? energyOf(source)?.replace(/ \((.*)\)$/, ", $1")
      : undefined;
    const evidence = [energy, safety.length > 0 && evidenceOf(source, safety)].filter((each) => each);
    const shown = evidence.length > 0 ? ` (${evidence.join("; ")})` : "";
    const related = plan.constraints
      .filter(({ kind, isExcluded }) => kind === "allergen" && isExcluded)
      .map(({ name: allergen }) => relatedNote(allergen, source))
      .join("");
    const only = holdsWanted(source, plan.constraints) === "maybe" ? " Only may contain it." : "";
    const name = nameOf(source);
    const text = (isForPerson && warningOf(plan, source)) || stated(source) || bestSentence(source, terms);
    // `Nasi Lemak: A Malaysian rice dish.` opens with the name already.
    const own = text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
    lines.push(
      line(`- ${name}${placeOf(source, plan.constraints)}: ${own}${shown}${only}${related}`, source),
    );
  }
  if (isForPerson) lines.push(line(noRecommendation));
  if (safety.length > 0) lines.push(line(labelAdvice));
  return lines;
}

const noRecommendation = "A record without a warning is no recommendation: ask a doctor or a dietitian.";

/** Longer evidence is a sentence of the text, which the line quotes or its source shows. */
const longestEvidence = 80;

/** What a line's food rests on, and all allergens of its record: the reader may have more of them than one. */
function evidenceOf(source: Source, safety: readonly Constraint[]): string {
  const judged = safety
    .map((constraint) => judge(source, constraint).evidence)
    .filter(
      (each) =>
        each !== "" &&
        each.length < longestEvidence &&
        !/^(?:allergens:|may contain:|no allergens)/.test(each),
    );
  const allergens = factsOf(source)
    .filter(({ role }) => role === "allergens" || role === "mayContain")
    .map(({ text }) => text);
  const conditions = safety.flatMap(({ kind, name }) => {
    const rule = kind === "diet" ? dietNamed(name) : undefined;
    return (rule && conditionOfDiet(source, rule)) ?? [];
  });
  return [...new Set([...judged, ...allergens, ...conditions])].join("; ");
}

/** `Which cheese is safe in pregnancy?`: warnings of the records, and no recommendation. */
export function cautionLines(plan: QuestionPlan, sources: readonly Source[]): AnswerLine[] {
  const lines = sources.map((source) => {
    const held = heldAllergens(plan, source);
    const warning = [held, warningOf(plan, source)].filter((each) => each !== undefined).join(" ");
    return line(`- ${nameOf(source)}: ${warning || "its record does not say."}`, source);
  });
  return [
    line("The records do not say which foods are safe for you. What they say:"),
    ...lines,
    line(noRecommendation),
  ];
}

/** What the fields and the text of a record say about the allergens that a question names. */
function heldAllergens({ question }: QuestionPlan, source: Source): string | undefined {
  const held = readVocabulary()
    .allergens.filter((family) => namesFamily(question, family))
    .map((family) => judgeAllergen(source, family))
    .filter(({ verdict }) => verdict === "contains" || verdict === "may contain");
  const evidence = new Set(held.map((each) => each.evidence.replace(/[.]$/, "")));
  return evidence.size === 0 ? undefined : `not safe by its record (${[...evidence].join("; ")}).`;
}

/** What a record says about danger, and what its ingredients mean for the persons whom the question names. */
function warningOf({ terms, question }: QuestionPlan, source: Source): string | undefined {
  const own = sentencesAbout(source, "safety", new Set(terms), 1);
  const warnings = [...own, ...warningsOf(source, personsIn(writeOutAges(question)))];
  return warnings.length === 0 ? undefined : warnings.join(" ");
}

function placeOf({ region, type, metadata }: Source, constraints: readonly Constraint[]): string {
  const wanted = constraints.filter(({ kind, isExcluded }) => kind === "type" && !isExcluded);
  const names = wanted.flatMap(({ name }) => name.toLowerCase().split(" or "));
  // `only: Dessert` also finds a fruit that is eaten as one.
  const meals = names.includes(type.toLowerCase())
    ? []
    : (textsOfRole(metadata, "meal") ?? []).filter((meal) => names.includes(meal.toLowerCase()));
  const known = [
    metadata.region === undefined ? "" : region,
    metadata.type === undefined ? "" : type,
    ...meals.map((meal) => `eaten as ${meal}`),
  ].filter((each) => each !== "");
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}

/** `Caesar salad`: other salads are no answer to a name that no record has. */
function unnamedLines(plan: QuestionPlan): AnswerLine[] {
  const { unmentioned = [], constraints } = plan;
  const kinds = constraints.flatMap(({ kind, name, written }) =>
    kind === "type" ? [name, written ?? name] : [],
  );
  const text = wholeQuestion(plan).toLowerCase();
  const named = unmentioned.filter((word) =>
    kinds.some((kind) => text.includes(`${word} ${kind}`.toLowerCase())),
  );
  return named.length === 0
    ? unmentionedLines(plan.language === undefined ? unmentioned : [])
    : [line(`No record mentions “${joined(named, "or")}”. Others:`)];
}

/** What the records cannot be ranked by, if the question asks for it. */
export function unrankedLines({ superlative, asked, constraints, question }: QuestionPlan): AnswerLine[] {
  const isCondition = superlative !== undefined || constraints.some(({ kind }) => kind === "nutrient");
  const compared = comparing.test(question) ? " This is no comparison." : "";
  if (!isCondition && asked.facts.includes("amount"))
    return [line(`The records do not say how much of any nutrient a food has.${compared}`)];
  if (superlative === undefined || superlative.field !== undefined) return [];
  return [line(`No record has a figure for ${superlative.fact}, so this is no ranking.`)];
}

/** The records with the most or the least of something. */
export function superlativeLines(plan: QuestionPlan, sources: readonly Source[]): AnswerLine[] {
  const [first, ...rest] = sources;
  if (first === undefined) return [];
  const { direction = "most", fact = "", field } = plan.superlative ?? {};
  const described = describeConstraints(plan.constraints.filter(isApplied));
  const figure = (source: Source) => figureOf(source, field)?.replace(/ \(.*\)$/, "") ?? "";
  const lines = [
    line(
      `${nameOf(first)} has the ${plan.noun === undefined ? direction : direction === "most" ? "highest" : "lowest"} ${fact} of the records with a figure${described === "" ? "" : ` (${described})`}: ${figure(first)}.`,
      first,
    ),
  ];
  if (rest.length > 0) {
    lines.push(
      line(`Next: ${rest.map((source) => `${nameOf(source)} ${figure(source)}`).join(", ")}.`, ...rest),
    );
  }
  if (plan.constraints.some(isSafetyConstraint)) lines.push(line(labelAdvice));
  return lines;
}
