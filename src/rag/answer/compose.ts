import type { RequestPart } from "../generator.ts";
import { notesFor } from "../record/allergens.ts";
import { energyOf } from "../record/facts.ts";
import type { MatchCount } from "../retrieval/retriever.ts";
import type { Source } from "../source.ts";
import { asksAnything, asksProperty, type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { writeOutAges } from "../understanding/write-out.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";
import { compareLines } from "./compare-lines.ts";
import { findLines } from "./find-lines.ts";
import { foodLines } from "./food-lines.ts";
import { type AnswerLine, joined, line } from "./line.ts";
import { cautionLines, listLines, superlativeLines, unrankedLines } from "./list-lines.ts";
import { recordLines } from "./record-lines.ts";
import { labelAdvice } from "./safety-lines.ts";
import { whyLines } from "./why-lines.ts";

/**
 * Answers a question only from its sources, line by line: the requested fact comes first, each statement comes from a
 * field or sentence of the cited source, and no line is repeated.
 */
export function composeAnswer(
  plan: QuestionPlan,
  sources: readonly Source[],
  matchCount?: MatchCount,
): AnswerLine[] {
  return composeParts([{ plan, sources, ...(matchCount && { matchCount }) }]);
}

/** The same for each of the questions that a question consists of; a part without sources says that it has none. */
export function composeParts(
  parts: readonly (Omit<RequestPart, "matchCount"> & Partial<RequestPart>)[],
): AnswerLine[] {
  const seen = new Set<string>();
  const all = parts.flatMap(({ plan, sources, matchCount, declined }) => [
    ...(sources.length === 0 && declined !== undefined
      ? [line(declined)]
      : linesFor(plan, sources, matchCount ?? { count: sources.length, isComplete: true })),
    ...notesFor(plan.question).map((note) => line(note)),
  ]);
  const lines = all.filter(({ text }) => {
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
  // Advice for the whole answer comes once, at its end.
  const isAdvice = ({ text }: AnswerLine) => text === labelAdvice;
  return [...lines.filter((each) => !isAdvice(each)), ...lines.filter(isAdvice)];
}

/** `What can I eat during pregnancy?`; not `dishes of raw fish`. */
const asksForSafety =
  /\b(?:safe(?:ly)?|unsafe|pregnan\w*|breastfeeding|bab(?:y|ies)|infants?|toddlers?|children|toxic|poison\w*|dangerous|dogs?|cats?|pets)\b/i;

function linesFor(plan: QuestionPlan, sources: readonly Source[], matchCount: MatchCount): AnswerLine[] {
  if (plan.asksWhy) return whyLines(sources);
  const subjects = plan.foods.flatMap(({ name, ids }) =>
    sources
      .filter(({ id }) => ids.includes(id))
      .map((source) => ({ food: name, name: nameOfRecord(source, name), source })),
  );
  if (subjects.length > 0 && (plan.kind === "compare" || plan.kind === "fact")) {
    const lines =
      plan.kind === "compare"
        ? [...(asksSomething(plan) ? [] : unrankedLines(plan)), ...compareLines(plan, subjects)]
        : withFacts(plan, subjects).flatMap(({ name, source }) => foodLines(plan, name, source));
    lines.push(...unrecordedLines(plan));
    const { diets, allergens } = plan.asked;
    return diets.length + allergens.length > 0 ? [...lines, line(labelAdvice)] : lines;
  }
  if (plan.kind === "superlative") return superlativeLines(plan, sources);
  if (plan.kind === "list") return listLines(plan, sources, matchCount);
  if (plan.asked.facts.includes("safety") && asksForSafety.test(writeOutAges(plan.question)))
    return cautionLines(plan, sources);
  if (plan.noun !== undefined) return [...unrankedLines(plan), ...recordLines(plan, sources)];
  return [...unrankedLines(plan), ...findLines(wholeQuestion(plan), sources)];
}

const joins = /^(?:or|than|vs|versus)$/;
const joinsInComparison = /^(?:or|than|vs|versus|and|with|to)$/;

/** Names beside the foods that are compared, for which there is no record: `butter` of `butter or olive oil`. */
function unrecordedLines(plan: QuestionPlan): AnswerLine[] {
  const { question, terms, foods, kind, asked, unmentioned = [] } = plan;
  // `Does kimchi contain fish or shrimp?` asks about both, and names no further food.
  if (kind !== "compare" && asksProperty(asked)) return [];
  const words = readWords(wholeQuestion(plan));
  const isComparison = kind === "compare" || /^\W*(?:compare|what.*difference)/i.test(question);
  const join = isComparison ? joinsInComparison : joins;
  const isJoin = (place: number) => join.test(words[place]?.plain ?? "");
  const facts = readVocabulary()
    .facts.flatMap((fact) => fact.words)
    .flatMap((each) => readWords(each));
  const known = new Set([...foods.flatMap(({ name }) => readWords(name)), ...facts].map(({ stem }) => stem));
  const qualities = new Set(readVocabulary().adjectives.map(({ word }) => word));
  const missing = words.filter(
    ({ stem, plain }, place) =>
      terms.includes(stem) &&
      !known.has(stem) &&
      !qualities.has(plain) &&
      (isJoin(place - 1) || isJoin(place + 1)),
  );
  const names = [
    ...new Set([...missing.map(({ text }) => text), ...(kind === "compare" ? unmentioned : [])]),
  ];
  return names.length === 0 ? [] : [line(`No record is about ${joined(names, "or")}.`)];
}

function asksSomething({ asked }: QuestionPlan): boolean {
  return asksAnything({ ...asked, facts: asked.facts.filter((fact) => fact !== "taste") });
}

/** Of several records that a name may mean, those that have the energy that is asked for, if any has. */
function withFacts<T extends { readonly food: string; readonly source: Source }>(
  { asked }: QuestionPlan,
  subjects: readonly T[],
): readonly T[] {
  if (!asked.facts.includes("energy") || subjects.length < 2) return subjects;
  const isKnown = ({ source }: T) => energyOf(source) !== undefined;
  return subjects.filter(
    (each) => isKnown(each) || !subjects.some((other) => other.food === each.food && isKnown(other)),
  );
}

function nameOfRecord({ metadata }: Source, name: string): string {
  return typeof metadata.name === "string" ? metadata.name : name;
}
