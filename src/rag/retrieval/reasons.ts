import type { Match } from "../../store/document.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { figureOf } from "../record/facts.ts";
import { type Source, toSource } from "../source.ts";
import { describeConstraint, isApplied } from "../understanding/describe-constraint.ts";
import { type Constraint, type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { writtenByStem } from "../vocabulary/words.ts";
import { sharedTerms } from "./relevance.ts";

interface Choice {
  readonly catalog: Catalog;
  /** Whether the question names the food of the record. */
  readonly isNamed?: boolean;
  /** Conditions that were given up. */
  readonly dropped?: readonly Constraint[];
}

/**
 * Why a record is a source, in short phrases: `named in the question`, `meets: vegan, from Africa`,
 * `shares the words: stew, lentil`.
 */
function reasonsFor(
  source: Source,
  plan: QuestionPlan,
  { catalog, isNamed = false, dropped = [] }: Choice,
): string[] {
  const reasons: string[] = [];
  if (isNamed) reasons.push("named in the question");
  const { superlative } = plan;
  const figure = plan.kind === "superlative" ? figureOf(source, superlative?.field) : undefined;
  if (figure !== undefined) reasons.push(`${superlative?.direction} ${superlative?.fact}: ${figure}`);
  // The record of a named food is shown whether it meets a condition or not.
  const met = plan.constraints.filter((each) => isApplied(each) && !dropped.includes(each));
  if (!isNamed && met.length > 0) reasons.push(`meets: ${met.map(describeConstraint).join(", ")}`);
  const words = sharedWords(source, plan, catalog);
  if (words.length > 0) reasons.push(`shares the words: ${words.join(", ")}`);
  return reasons.length > 0 ? reasons : ["near in meaning"];
}

/** The words of the question that a record has in its text or its fields, as the question writes them. */
function sharedWords({ id, text, metadata }: Source, plan: QuestionPlan, catalog: Catalog): string[] {
  const match: Match = { id, text, metadata, score: 0 };
  const shared = sharedTerms(plan.terms, match, catalog);
  const written = writtenByStem(wholeQuestion(plan));
  return [...new Set([...shared].map((stem) => (written.get(stem) ?? stem).toLowerCase()))];
}

/** The matches as sources, numbered from 1, each with its reasons. */
export function explained(
  matches: readonly Match[],
  plan: QuestionPlan,
  { catalog, namedIds, dropped }: Omit<Choice, "isNamed"> & { readonly namedIds?: ReadonlySet<string> },
): Source[] {
  return matches.map((match, place) => {
    const source = toSource(match, place);
    const isNamed = namedIds?.has(match.id) ?? false;
    return {
      ...source,
      reasons: reasonsFor(source, plan, { catalog, isNamed, ...(dropped && { dropped }) }),
    };
  });
}
