import type { RequestPart } from "../generator.ts";
import { notesFor } from "../record/allergens.ts";
import { energyOf } from "../record/facts.ts";
import type { MatchCount } from "../retrieval/retriever.ts";
import type { Source } from "../source.ts";
import {
  asksAnything,
  asksProperty,
  type NamedFood,
  type QuestionPlan,
  wholeQuestion,
} from "../understanding/plan.ts";
import { writeOutAges } from "../understanding/write-out.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";
import { readWords, type Word } from "../vocabulary/words.ts";
import { compareLines } from "./compare-lines.ts";
import { findLines } from "./find-lines.ts";
import { foodLines } from "./food-lines.ts";
import { type AnswerLine, joined, line } from "./line.ts";
import { cautionLines, listLines, superlativeLines, unrankedLines } from "./list-lines.ts";
import { recordLines } from "./record-lines.ts";
import { labelAdvice } from "./safety-lines.ts";
import { seldomStatedFact, statedOf, unsaid } from "./text-facts.ts";
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
  const fact = plan.noun === undefined ? seldomStatedFact(plan) : undefined;
  if (fact !== undefined) return statedLines(plan, sources, fact);
  if (plan.noun !== undefined) return [...unrankedLines(plan), ...recordLines(plan, sources)];
  return [...unrankedLines(plan), ...findLines(wholeQuestion(plan), sources)];
}

/** What records say about a fact that few of them state; of the others nothing is quoted. */
function statedLines(plan: QuestionPlan, sources: readonly Source[], fact: string): AnswerLine[] {
  const lines = sources.flatMap((source) => {
    const text = statedOf(source, fact, plan);
    return text === undefined ? [] : [line(`${nameOfRecord(source, source.id)}: ${text}`, source)];
  });
  if (lines.length > 0) return lines;
  const names = joined(sources.map((source) => nameOfRecord(source, source.id)));
  return [line(`The closest records (${names}) ${unsaid(fact, wholeQuestion(plan), "do")}.`, ...sources)];
}

const joins = /^(?:or|than|vs|versus)$/;
const joinsInComparison = /^(?:or|than|vs|versus|and|with|to)$/;

/** Names beside the foods that are compared, for which there is no record: `butter` of `butter or olive oil`. */
function unrecordedLines(plan: QuestionPlan): AnswerLine[] {
  const { question, terms, foods, kind, asked, unmentioned = [] } = plan;
  const text = wholeQuestion(plan);
  const words = readWords(text);
  const isComparison = kind === "compare" || /^\W*(?:compare|what.*difference)/i.test(question);
  const join = isComparison ? joinsInComparison : joins;
  const isJoin = (place: number) => join.test(words[place]?.plain ?? "");
  const facts = readVocabulary()
    .facts.flatMap((fact) => fact.words)
    .flatMap((each) => readWords(each));
  const known = new Set([...foods.flatMap(stemsOf), ...facts.map(({ stem }) => stem)]);
  const qualities = new Set(readVocabulary().adjectives.map(({ word }) => word));
  const isOpen = ({ stem, plain }: Word) => terms.includes(stem) && !known.has(stem) && !qualities.has(plain);
  // `Does kimchi contain fish or shrimp?` asks about both, and names no further food.
  const missing =
    kind !== "compare" && asksProperty(asked)
      ? listedBeside(text, words, isOpen, new Set(foods.flatMap(stemsOf)))
      : words.filter((word, place) => isOpen(word) && (isJoin(place - 1) || isJoin(place + 1)));
  const names = [
    ...new Set([...missing.map(({ text }) => text), ...(kind === "compare" ? unmentioned : [])]),
  ];
  return names.length === 0 ? [] : [line(`No record is about ${joined(names, "or")}.`)];
}

function stemsOf({ name, written = "" }: NamedFood): string[] {
  return readWords(`${name} ${written}`).map(({ stem }) => stem);
}

/** `pita` and `roti` of `naan, pita and roti`: words in a row with the names of foods. */
function listedBeside(
  text: string,
  words: readonly Word[],
  isOpen: (word: Word) => boolean,
  names: ReadonlySet<string>,
): Word[] {
  const listed = words.filter(({ stem }) => names.has(stem));
  const own = listed.length;
  const isListed = (word: Word | undefined) => word !== undefined && listed.includes(word);
  const joins = (left: Word | undefined, right: Word | undefined) =>
    left !== undefined && right !== undefined && rowJoint.test(text.slice(left.end, right.start));
  const isInRow = words.filter(({ plain }) => !/^(?:and|or|the|an?|some)$/.test(plain));
  for (const [place, word] of isInRow.entries())
    if (isOpen(word) && isListed(isInRow[place - 1]) && joins(isInRow[place - 1], word)) listed.push(word);
  for (const [place, word] of [...isInRow.entries()].reverse()) {
    const [before, after] = [isInRow[place - 1], isInRow[place + 1]];
    // `I have a son, is hummus safe?` names no food before the comma.
    const begins = joins(before, word) || opensRow.test(before?.plain ?? "");
    if (isOpen(word) && !isListed(word) && begins && isListed(after) && joins(word, after)) listed.push(word);
  }
  return listed.slice(own).sort((left, right) => left.start - right.start);
}

const rowJoint = /^\s*(?:,|(?:,\s*)?\b(?:and|or)\b)\s*(?:(?:the|an?|some)\s+)?$/i;
const opensRow = /^(?:of|is|are|do|does|can|could|has|have|between|eat|both)$/;

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
