import type { Exchange } from "../generator.ts";
import { isSafetyConstraint } from "../retrieval/safety.ts";
import { isPlace } from "./describe-constraint.ts";
import { allergy } from "./exclusion-words.ts";
import { resolveFollowUp } from "./follow-up.ts";
import { type IgnoredParts, nothingIgnored } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Constraint, QuestionPlan } from "./plan.ts";
import { understand } from "./understand.ts";

/** How a question begins that can stand alone; a bare verb needs its subject: not `… and are eaten cold`. */
const opening =
  "(?:(?:what|which|who|why|how)(?:['’]s)?\\b|(?:when|where)\\s+(?:is|are|do|does|did|can|should)\\b|(?:is|are|was|were|does|do|did|has|have|can|could|may|should|will|would)\\s+(?:it|its|they|this|that|these|those|there|i|we|you|people|one|the|an?|my)\\b)";

/** What stands between two questions. */
const joint = new RegExp(
  `(?:\\?\\s+(?:and\\s+|but\\s+|or\\s+|also\\s+)*|[,;]?\\s+(?:and|but|or|plus)\\s+(?:also\\s+)?|[,;]\\s+)(?=${opening})`,
  "gi",
);

/** `…, and is seitan?`: after a question of the same form, a verb and a name are one. */
const parallel = /,\s+(?:and|or)\s+(?=(?:is|are|does|do|can)\s+\S+(?:\s+\S+)?\s*\?)/gi;

const beginsQuestion = new RegExp(
  `^\\W*(?:${opening}|(?:is|are|does|do|did|can|could)\\s|(?:tell|name|list|show|give|find|suggest|recommend|describe|explain|compare)\\b)`,
  "i",
);

/** `a soup from Japan and a dessert from France`: each with its own kind and place. */
const secondWish = /\s+and\s+(?:also\s+)?(?=(?:an?|some)\s)/i;

/** What someone must avoid holds for all of a question. */
const saysWhatToAvoid = new RegExp(`\\b(?:${allergy}|avoid\\w*|not eat)\\b`, "i");

/** The place of the part before: `What is the capital of Peru and what do they eat there?` */
const there = /(?<!\b(?:is|are)\s+)\bthere\b/i;

/** The plan of each question that a question consists of. */
export type QuestionPlans = readonly [QuestionPlan, ...QuestionPlan[]];

/**
 * The questions that a text consists of.
 *
 * @example splitQuestion("Where is baklava from, and is it vegan?") // ["Where is baklava from", "is it vegan?"]
 */
export function splitQuestion(text: string): string[] {
  if (saysWhatToAvoid.test(text)) return [text];
  const parts: string[] = [];
  let start = 0;
  const joints = [...text.matchAll(joint), ...(beginsQuestion.test(text) ? text.matchAll(parallel) : [])];
  for (const { index, 0: between } of joints.sort((left, right) => left.index - right.index)) {
    if (index < start || !beginsQuestion.test(text.slice(start, index))) continue;
    parts.push(text.slice(start, index).trim());
    start = index + between.length;
  }
  parts.push(text.slice(start).trim());
  return parts;
}

/** Interprets a question after the previous ones: a plan for each question that it consists of. */
export function understandParts(
  text: string,
  history: readonly Exchange[],
  lexicon: Lexicon,
  ignored: IgnoredParts = nothingIgnored,
): QuestionPlans {
  const [first = text, ...rest] = splitQuestion(text);
  if (rest.length === 0) {
    const wishes = splitWishes(text, lexicon, ignored);
    if (wishes !== undefined) return wishes;
  }
  const plans: [QuestionPlan, ...QuestionPlan[]] = [
    resolveFollowUp(understand(first, lexicon, ignored), history, lexicon, ignored),
  ];
  const exchanges = [...history, { question: first, answer: "", plan: plans[0] }];
  for (const part of rest) {
    const place = plans.flatMap(({ constraints }) => constraints).find(isHere);
    const question = place === undefined ? part : part.replace(there, `in ${place.name}`);
    const own = resolveFollowUp(understand(question, lexicon, ignored), exchanges, lexicon, ignored);
    const plan = withSafetyOf(plans, { ...own, question: part });
    plans.push(plan);
    exchanges.push({ question: part, answer: "", plan });
  }
  return plans;
}

const isHere = (each: Constraint) => isPlace(each) && !each.isExcluded;

function splitWishes(text: string, lexicon: Lexicon, ignored: IgnoredParts): QuestionPlans | undefined {
  const at = secondWish.exec(text);
  if (at === null || saysWhatToAvoid.test(text)) return undefined;
  const first = understand(text.slice(0, at.index), lexicon, ignored);
  const second = understand(text.slice(at.index + at[0].length), lexicon, ignored);
  const isWhole = ({ constraints }: QuestionPlan) =>
    constraints.some(isHere) && constraints.some(({ kind }) => kind === "type" || kind === "meal");
  return isWhole(first) && isWhole(second) ? [first, withSafetyOf([first], second)] : undefined;
}

/** What keeps a person safe in one part holds for the foods that a later one looks for. */
function withSafetyOf(earlier: readonly QuestionPlan[], plan: QuestionPlan): QuestionPlan {
  if (plan.foods.length > 0 || plan.kind === "outside") return plan;
  const names = new Set(plan.constraints.map(({ name }) => name));
  const more = earlier
    .flatMap(({ constraints }) => constraints)
    .filter((each) => isSafetyConstraint(each) && !names.has(each.name));
  if (more.length === 0) return plan;
  return { ...plan, kind: "list", constraints: [...plan.constraints, ...more] };
}

/** The plan of a question with several parts: the conditions and foods of all, for a person to see. */
export function joinPlans(question: string, plans: QuestionPlans): QuestionPlan {
  const [first, ...rest] = plans;
  if (rest.length === 0) return first;
  const all = <T>(read: (plan: QuestionPlan) => readonly T[]) => [
    ...new Map(plans.flatMap(read).map((each) => [JSON.stringify(each), each])).values(),
  ];
  return {
    ...(plans.find(({ kind }) => kind !== "outside") ?? first),
    question,
    corrections: all((plan) => plan.corrections),
    foods: all((plan) => plan.foods),
    constraints: all((plan) => plan.constraints),
    terms: all((plan) => plan.terms),
    parts: plans,
  };
}
