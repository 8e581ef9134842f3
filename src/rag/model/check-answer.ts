import { tokenize } from "../../embedding/tokenizer.ts";
import { oncePer } from "../../foundation/once-per.ts";
import { judgeAllergen, judgeDiet, mentionsDiet } from "../record/judge.ts";
import { splitSentences } from "../sentences.ts";
import { type Source, wordsOfRecord } from "../source.ts";
import { readVocabulary } from "../vocabulary/vocabulary.ts";

/** What a model's answer says that its sources do not (RAG-14). */
export interface AnswerCheck {
  /** The answer without citations of sources that do not exist. */
  readonly text: string;
  /** A sentence for each kind of fault. */
  readonly notices: readonly string[];
  /** Whether the sources' own words should be read beside the answer. */
  readonly isDoubtful: boolean;
}

/** A statement shares at least this part of its words with the source that it cites. */
const shareWanted = 0.3;

/** An answer is doubtful if this part of its statements lacks support. */
const doubtfulShare = 0.5;

const citation = /\[(\d+(?:\s*,\s*\d+)*)\]/g;

/** Numbers that say how much or when; not those of citations. */
const figure = /(?<![\w[])\d+(?:[.,]\d+)*(?![\w\]])/g;

/** A clause that says a food is without something. */
const freeOf = /\b(?:free (?:of|from)|without|contains? no|does(?:n['’]t| not) contain|no)\b/i;
const denied = /\b(?:not|never|no|isn['’]t|aren['’]t|cannot)\b|n['’]t\b/i;

/** Compares an answer with its sources by words, numbers, diets and allergens. It finds errors; it proves nothing. */
export function checkAnswer(answer: string, sources: readonly Source[]): AnswerCheck {
  const byNumber = new Map(sources.map((source) => [source.number, source]));
  const unknown = new Set<number>();
  const text = answer.replace(citation, (whole, list: string) => {
    const numbers = list.split(",").map(Number);
    const known = numbers.filter((number) => byNumber.has(number));
    for (const number of numbers) if (!byNumber.has(number)) unknown.add(number);
    return known.length === numbers.length ? whole : known.length === 0 ? "" : `[${known.join(", ")}]`;
  });
  const statements = statementsOf(text, byNumber);
  const unsupported = statements.filter((statement) => !isSupported(statement, sources));
  const figures = foreignFigures(text, sources);
  const contrary = statements.flatMap((statement) => contraryClaims(statement, sources));
  const notices = [
    ...(unknown.size > 0
      ? [
          `The model cited ${[...unknown].map((number) => `[${number}]`).join(", ")}, which does not exist; removed.`,
        ]
      : []),
    ...(contrary.length > 0 ? [`Against the sources: ${[...new Set(contrary)].join("; ")}.`] : []),
    ...(figures.length > 0
      ? [`No source has the ${figures.length === 1 ? "number" : "numbers"} ${figures.join(", ")}.`]
      : []),
    ...(unsupported.length > 0
      ? [
          `Compared word by word, the sources do not support: ${unsupported.map(({ text: each }) => `"${shorten(each)}"`).join(" ")}`,
        ]
      : []),
  ];
  const isDoubtful =
    contrary.length > 0 ||
    figures.length > 0 ||
    (statements.length > 0 && unsupported.length >= statements.length * doubtfulShare);
  return { text: text.replace(/ +([.,;])/g, "$1"), notices, isDoubtful };
}

interface Statement {
  readonly text: string;
  /** The sources that it cites; all of them if it cites none. */
  readonly cited: readonly Source[];
}

function statementsOf(text: string, byNumber: ReadonlyMap<number, Source>): Statement[] {
  // A citation may follow the stop of its sentence.
  const joined = text.replace(/([.!?])\s*((?:\[\d+(?:\s*,\s*\d+)*\]\s*)+)/g, " $2$1 ");
  return splitSentences(joined).flatMap((sentence): Statement[] => {
    const numbers = [...sentence.matchAll(citation)].flatMap(([, list = ""]) => list.split(",").map(Number));
    const own = numbers.map((number) => byNumber.get(number)).filter((source) => source !== undefined);
    const plain = sentence.replace(citation, "").replace(/\s+/g, " ").trim();
    const isStatement = tokenize(plain).length > 2;
    return isStatement ? [{ text: plain, cited: own.length > 0 ? own : [...byNumber.values()] }] : [];
  });
}

/** Whether the cited sources share enough words with a statement; that a source does not say something is no claim. */
function isSupported({ text, cited }: Statement, sources: readonly Source[]): boolean {
  if (
    /\b(?:sources?|records?|information|text)\b.*\b(?:not|no|n['’]t)\b|\bdo(?:es)? not (?:say|mention|hold|contain)/i.test(
      text,
    )
  )
    return true;
  const terms = new Set(tokenize(text));
  const held = new Set((cited.length > 0 ? cited : sources).flatMap(wordsOf));
  const shared = [...terms].filter((term) => held.has(term)).length;
  return shared >= terms.size * shareWanted;
}

const wordsOf = oncePer((source: Source) => tokenize(wordsOfRecord(source)));

/** Numbers of the answer that no source has; small ones only count. */
function foreignFigures(text: string, sources: readonly Source[]): string[] {
  const known = new Set(sources.flatMap((source) => wordsOfRecord(source).match(figure) ?? []));
  const used = text.replace(citation, " ").match(figure) ?? [];
  // With separators it is a large number, whichever of them is the decimal point.
  const isLarge = (each: string) => !(Number(each.replaceAll(",", "")) <= 12);
  return [...new Set(used)].filter((each) => !known.has(each) && isLarge(each));
}

/** Claims that a food suits a diet, or is free of an allergen, which the cited record denies. */
function contraryClaims({ text, cited }: Statement, sources: readonly Source[]): string[] {
  const records = cited.length > 0 ? cited : sources;
  const claims: string[] = [];
  for (const diet of readVocabulary().diets) {
    if (!mentionsDiet(text, diet) || denied.test(text)) continue;
    const verdicts = records.map((source) => judgeDiet(source, diet).verdict);
    if (verdicts.length > 0 && verdicts.every((verdict) => verdict === "contains")) {
      claims.push(`the answer says ${diet.name}, the record does not`);
    }
  }
  const without = freeOf.exec(text);
  if (without) {
    const rest = text.slice(without.index);
    for (const family of readVocabulary().allergens) {
      const isNamed = family.words.some((word) => new RegExp(`\\b${word}\\b`, "i").test(rest));
      if (!isNamed) continue;
      const verdicts = records.map((source) => judgeAllergen(source, family).verdict);
      if (verdicts.length > 0 && verdicts.every((verdict) => verdict === "contains")) {
        claims.push(`the answer says without ${family.name}, the record contains it`);
      }
    }
  }
  return claims;
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
