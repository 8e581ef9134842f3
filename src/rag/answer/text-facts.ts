import { tokenize } from "../../embedding/tokenizer.ts";
import { textsOfRole } from "../catalog/roles.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { termsOf } from "../vocabulary/terms.ts";
import { type FieldRole, factNamed } from "../vocabulary/vocabulary.ts";
import { sentencesAbout } from "./sentences.ts";

/** Facts that hardly any record states: other sentences of a record are no answer to a question for them. */
const seldomStated = new Set(["storage", "duration", "temperature", "price"]);

/** Ways to keep a food: how questions and records name them. */
const waysToKeep: readonly (readonly [way: string, names: RegExp])[] = [
  ["freezing", /\bfr(?:ee|o)z\w*/i],
  ["pickling", /\bpickl\w*/i],
  ["drying", /\b(?:dry(?:ing)?|dried|dries|dehydrat\w*)\b/i],
  ["canning", /\bcann(?:ed|ing)\b|\b(?:i|you|we|to) can\b/i],
  ["fermenting", /\bferment\w*/i],
  ["smoking", /\bsmok(?:e[ds]?|ing)\b/i],
  ["reheating", /\b(?:reheat\w*|warm(?:ed)? up|microwav\w*)/i],
];

/** The ways to keep a food that a question names and a text does not. */
export function unmentionedWays(question: string, text: string): string[] {
  return waysToKeep.filter(([, names]) => names.test(question) && !names.test(text)).map(([way]) => way);
}

/** The sentences of a source that state a fact; of ways to keep a food that the question names, those that name them. */
export function sentencesStating(
  source: Source,
  fact: string,
  question: string,
  terms: ReadonlySet<string>,
  count: number,
): readonly string[] {
  const ways = fact === "storage" ? unmentionedWays(question, "") : [];
  const named = splitSentences(source.text).filter((text) => unmentionedWays(question, text).length === 0);
  return ways.length > 0 && named.length > 0 ? named : sentencesAbout(source, fact, terms, count);
}

/** The fact that a question about no particular food asks for, and that records seldom state. */
export function seldomStatedFact({ asked }: QuestionPlan): string | undefined {
  return asked.facts.find((fact) => seldomStated.has(fact));
}

/** What a record says about a fact, by its field or a sentence; of a way to keep it, only if it names that way. */
export function statedOf(source: Source, fact: string, plan: QuestionPlan): string | undefined {
  const values = textsOfRole(source.metadata, (factNamed(fact)?.field ?? fact) as FieldRole) ?? [];
  const cooking = new Set((factNamed("preparation")?.cues ?? []).flatMap((cue) => tokenize(cue)));
  const terms = new Set(plan.terms.filter((term) => !cooking.has(term)));
  const question = wholeQuestion(plan);
  const isKind = plan.constraints.some(({ kind, isExcluded }) => kind === "type" && !isExcluded);
  return [...values, ...sentencesStating(source, fact, question, terms, Number.POSITIVE_INFINITY)].find(
    (text) =>
      (fact !== "storage" || unmentionedWays(question, text).length === 0) &&
      (isKind || terms.size === 0 || termsOf(text).some((term) => terms.has(term))),
  );
}

/** `does not mention freezing`, `does not say how long that takes`, for one record or for several. */
export function unsaid(fact: string, question: string, verb: "does" | "do" = "does"): string {
  const ways = fact === "storage" ? unmentionedWays(question, "") : [];
  if (ways.length > 0) return `${verb} not mention ${ways.join(" or ")}`;
  return `${verb} not say ${factNamed(fact)?.unsaid ?? `anything about ${fact}`}`;
}
