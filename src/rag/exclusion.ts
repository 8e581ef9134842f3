import { isLeftOut } from "./understanding/describe-constraint.ts";
import { allergy, foreignWithout } from "./understanding/exclusion-words.ts";
import { asksProperty, type QuestionPlan } from "./understanding/plan.ts";

/** Words with which a question excludes something. */
const exclusion = new RegExp(
  `\\b(?:${allergy}|vegan|vegetarian|without|avoid\\w*|except|besides|excluding|free (?:of|from)|\\w+-free|no|not|never|neither|${foreignWithout}|\\p{L}{3,}(?:free|frei|vrij))\\b|n['’]t\\b`,
  "iu",
);

/** `no longer in service` says what records are. */
const noLonger = /\bno longer\b/gi;

/** Notice for an answer whose question excludes something that was not understood. */
export const exclusionAdvice =
  "Search also finds what a question excludes. Check the ingredients yourself, or set a filter on allergens or diet.";

/** The same for records about something else than food. */
const exclusionAdviceOnRecords =
  "Search also finds what a question excludes. Set a filter to leave records out.";

/**
 * What to say about exclusions of a question that search ignores; `undefined` if it respects them.
 * @param ignored keys of the parts that the caller switched off
 */
export function exclusionNotice(plan: QuestionPlan, ignored: readonly string[] = []): string | undefined {
  const takenBack = [
    ...ignored.flatMap((key) => /^(?:excluded|diet):(.+)$/i.exec(key)?.[1] ?? []),
    ...(plan.givenUp ?? [])
      .filter((each) => isLeftOut(each) || (each.kind === "diet" && !each.isExcluded))
      .map(({ name }) => name),
  ];
  if (takenBack.length > 0) {
    return `These ${plan.noun ?? "food"}s were not checked for what you took back: ${takenBack.join(", ")}.`;
  }
  if (plan.givenUp) return undefined;
  if (plan.unread) {
    return `These foods were not checked for what you leave out: ${plan.unread.join(", ")}. Check the ingredients yourself.`;
  }
  if (plan.notRequired) return undefined;
  const question = plan.noun === undefined ? plan.question : plan.question.replace(noLonger, "");
  if (!exclusion.test(question) || respectsExclusion(plan)) return undefined;
  return plan.noun === undefined ? exclusionAdvice : exclusionAdviceOnRecords;
}

/** Whether the plan excludes something that the question excludes. */
function respectsExclusion({ constraints, asked, foods }: QuestionPlan): boolean {
  return (
    foods.length > 0 ||
    asked.facts.includes("safety") ||
    constraints.some(
      ({ kind, isExcluded }) => isExcluded || kind === "figure" || kind === "diet" || kind === "allergen",
    ) ||
    asksProperty(asked)
  );
}
