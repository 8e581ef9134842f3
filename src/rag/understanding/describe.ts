import { toUpstashFilter } from "../../store/filter.ts";
import { describeConstraint, isApplied, isLeftOut } from "./describe-constraint.ts";
import { constraintKey, correctionKey, foodKey } from "./ignored.ts";
import type { Constraint, Correction, NamedFood, QuestionPlan } from "./plan.ts";

/** `only: vegan, from Ethiopia; without: nuts`; empty if nothing limits the search. */
export function describeConstraints(constraints: readonly Constraint[]): string {
  const only = constraints.filter((each) => !isLeftOut(each)).map(describeConstraint);
  const without = constraints.filter(isLeftOut).map(({ name }) => name);
  return [
    ...(only.length > 0 ? [`only: ${only.join(", ")}`] : []),
    ...(without.length > 0 ? [`without: ${without.join(", ")}`] : []),
  ].join("; ");
}

/** How a question was understood, in words for the user; nothing if it is searched unchanged. */
export function describePlan({
  corrections,
  constraints,
  notRequired,
  takenAs,
  givenUp,
  asksWhy,
}: QuestionPlan): string[] {
  const applied = constraints.filter(isApplied);
  const lines: string[] = [];
  if (takenAs !== undefined) {
    lines.push(asksWhy ? `asks for the reasons of the answer to: ${takenAs}` : `taken to mean: ${takenAs}`);
  }
  if (givenUp) lines.push(`no longer: ${givenUp.map(describeConstraint).join(", ")}`);
  if (corrections.length > 0) {
    lines.push(`searched for ${corrections.map(({ from, to }) => `${to} (not ${from})`).join(", ")}`);
  }
  const described = describeConstraints(applied);
  if (described !== "") lines.push(described);
  if (notRequired) lines.push(`not required: ${notRequired.join(", ")}`);
  return lines;
}

/** Names a part of the plan for `RetrieveOptions.ignore`. */
interface Keyed {
  readonly key: string;
}

/** The plan as JSON can hold it: filters in Upstash's language, and a key for each part that can be ignored. */
export interface PlanSummary
  extends Omit<QuestionPlan, "constraints" | "corrections" | "foods" | "parts" | "shown" | "dropped"> {
  readonly corrections: readonly (Correction & Keyed)[];
  readonly foods: readonly (NamedFood & Keyed)[];
  readonly constraints: readonly (Omit<Constraint, "filter"> & Keyed & { readonly filter?: string })[];
}

export function summarizePlan({ parts: _, shown: __, dropped: ___, ...plan }: QuestionPlan): PlanSummary {
  return {
    ...plan,
    corrections: plan.corrections.map((each) => ({ key: correctionKey(each), ...each })),
    foods: plan.foods.map((each) => ({ key: foodKey(each), ...each })),
    constraints: plan.constraints.map(({ filter, ...constraint }) => ({
      key: constraintKey(constraint),
      ...constraint,
      ...(filter && { filter: toUpstashFilter(filter) }),
    })),
  };
}

/** Every part of a plan, a line each (`--explain`). */
export function explainPlan(plan: QuestionPlan): string[] {
  if (plan.parts && plan.parts.length > 1)
    return plan.parts.flatMap((part) => [`part: ${part.question}`, ...explainPlan(part)]);
  const { kind, corrections, foods, asked, superlative, searchText, terms, takenAs } = plan;
  const parts: readonly (readonly [label: string, values: readonly string[]])[] = [
    ["kind", [kind]],
    ["taken to mean", takenAs === undefined ? [] : [takenAs]],
    ["corrected", corrections.map(({ from, to }) => `${from} to ${to}`)],
    ["foods", foods.map(({ name, ids }) => `${name} (${ids.join(", ")})`)],
    ["asked", [...asked.facts, ...asked.diets, ...asked.allergens, ...asked.ingredients]],
    ["superlative", superlative ? [`${superlative.direction} ${superlative.fact}`] : []],
    ...plan.constraints.map((each) => [explainedCondition(each), [howChecked(each)]] as const),
    ["searched for", [searchText]],
    ["relevant if it shares", terms],
  ];
  return parts.flatMap(([label, values]) => (values.length === 0 ? [] : [`${label}: ${values.join(", ")}`]));
}

function explainedCondition(constraint: Constraint): string {
  const how = isLeftOut(constraint) ? "without" : constraint.isExcluded ? "not" : "only";
  return `${how} ${constraint.kind} ${constraint.name}`;
}

function howChecked(constraint: Constraint): string {
  if (constraint.filter) return toUpstashFilter(constraint.filter);
  return isApplied(constraint) ? "by the words of each record" : "no field can check it";
}

/** What a person has to know about how a question was read and searched for. */
export function understoodLines(plan: QuestionPlan): string[] {
  const { constraints, unmentioned = [] } = plan;
  const dropped = constraints.filter(({ isDropped }) => isDropped);
  const unchecked = constraints.filter((each) => !isApplied(each));
  const lines = describePlan({ ...plan, constraints: constraints.filter(({ isDropped }) => !isDropped) });
  if (unchecked.length > 0) {
    lines.push(
      `not checked, because no record has a field for it: ${unchecked.map(describeConstraint).join(", ")}`,
    );
  }
  if (dropped.length > 0) {
    lines.push(`no record is all of that; searched without: ${dropped.map(describeConstraint).join(", ")}`);
  }
  if (unmentioned.length > 0) lines.push(`no record mentions: ${unmentioned.join(", ")}`);
  return lines;
}
