import type { Exchange } from "../generator.ts";
import { isSafetyConstraint } from "../retrieval/safety.ts";
import { dietsWithin } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";
import { askedWith } from "./asked.ts";
import { describeConstraint, isPlace, isProperty } from "./describe-constraint.ts";
import { withoutGivenUp } from "./given-up.ts";
import { IgnoredParts, nothingIgnored } from "./ignored.ts";
import type { Lexicon } from "./lexicon.ts";
import { findSpans } from "./mentions.ts";
import { saysWhatToAvoid } from "./personal.ts";
import { asksAnything, type Constraint, type NamedFood, type QuestionPlan, wholeQuestion } from "./plan.ts";
import { comparing } from "./subjects.ts";
import { understand } from "./understand.ts";
import { asksWhy, whyNot } from "./why.ts";

/** A pronoun that refers to the food of the previous question. */
const pronoun = /\b(?:it|its|they|them|their|this|that|these|those|the (?:first|second|last) one)\b/i;

/** The same, at the place where a name belongs. */
const replaceable =
  /\b(?:it|they|them|these|those|this(?: (?:one|dish|food))?|that(?: (?:one|dish|food))?)\b/i;

/** `What about …`, `And …`, `Only …`: continues the previous question. */
const goesOn =
  /^(?:and|but|or|also|then|now|ok(?:ay)?|so|what about|how about|only|just|any|without|with|which of)\b/i;

/** `Which of them`, `which ones`, `any of these`. */
const ofThem =
  /\b(?:of (?:them|these|those)|(?:which|any) ones?|the others?|another|something else|instead(?! of))\b|^\W*how many (?:are there|is that|are they)\W*$/i;

/** The meaning of a question after the previous ones; the unchanged plan if it is independent. */
export function resolveFollowUp(
  plan: QuestionPlan,
  history: readonly Exchange[],
  lexicon: Lexicon,
  ignored: IgnoredParts = nothingIgnored,
): QuestionPlan {
  let previous: QuestionPlan | undefined;
  let avoided: readonly Constraint[] = [];
  for (const [place, exchange] of history.entries()) {
    const left = new IgnoredParts(exchange.ignore, ignored);
    const own = left.without(
      exchange.plan?.parts?.at(-1) ??
        exchange.plan ??
        complete(understand(exchange.question, lexicon, left), previous, history.slice(0, place), lexicon),
    );
    avoided = avoided.filter((each) => !isGivenUp(each, own));
    if (saysWhatToAvoid(exchange.question))
      avoided = [...avoided, ...own.constraints.filter(isSafetyConstraint)];
    // A question for reasons leaves the topic as it is.
    previous = own.kind === "outside" || own.kind === "about" || own.asksWhy ? previous : own;
  }
  return withAvoided(complete(plan, previous, history, lexicon), avoided, lexicon);
}

function isGivenUp({ kind, name }: Constraint, { givenUp = [] }: QuestionPlan): boolean {
  return givenUp.some((each) => each.kind === kind && each.name === name);
}

/** `Can I eat it?`, `Is it safe?`: asks for what a person must avoid. */
const asksForMe = /\b(?:can|could|may|should) (?:i|we)\b|\bfor (?:me|us)\b|\b(?:safe|suitable|ok|okay)\b/i;

/** What a person said earlier that they must avoid holds for all that is looked for later. */
function withAvoided(plan: QuestionPlan, avoided: readonly Constraint[], lexicon: Lexicon): QuestionPlan {
  const isOpen = ({ kind, name }: Constraint) =>
    !plan.constraints.some(
      (each) =>
        each.kind === kind && (each.name === name || (kind === "diet" && areOneScale(each.name, name))),
    );
  const more = avoided.filter((each) => isOpen(each) && !isGivenUp(each, plan));
  if (more.length === 0 || plan.kind === "outside" || plan.kind === "about" || plan.asksWhy) return plan;
  if (plan.foods.length === 0) {
    const kind = plan.kind === "superlative" ? plan.kind : "list";
    return { ...plan, kind, constraints: [...plan.constraints, ...more] };
  }
  const { asked } = plan;
  if (asked.diets.length + asked.allergens.length > 0 || !asksForMe.test(wholeQuestion(plan))) return plan;
  return { ...plan, asked: askedWith(asked, more, lexicon) };
}

function complete(
  plan: QuestionPlan,
  previous: QuestionPlan | undefined,
  history: readonly Exchange[],
  lexicon: Lexicon,
): QuestionPlan {
  if (previous === undefined) return plan;
  const question = plan.question.trim();
  if (asksWhy(question)) {
    return { ...previous, question, takenAs: wholeQuestion(previous), asksWhy: true };
  }
  if (whyNot.test(question) && asksAnything(previous.asked)) {
    return { ...previous, question, takenAs: wholeQuestion(previous) };
  }
  const wider = withoutGivenUp(question, previous, lexicon);
  if (wider !== undefined) return wider;
  const continues = goesOn.test(question);
  if (plan.foods.length > 0) {
    // `Does it have more protein than tofu?`
    if (comparing.test(question) && replaceable.test(question) && previous.foods.length > 0) {
      return withSubject(plan, previous.foods, lexicon);
    }
    const adds = continues && !asksAnything(plan.asked) && plan.constraints.length === 0;
    return adds && previous.foods.length > 0 ? askTheSame(plan, previous) : plan;
  }
  const pointsBack = pronoun.test(question);
  const wantsFact = asksAnything(plan.asked) || plan.constraints.some(isProperty);
  const hasOwnTopic = plan.constraints.some((each) => each.kind === "type" || isPlace(each));
  const isShort = readWords(question).length <= 6 && plan.terms.length <= 1 && !hasOwnTopic;
  if (!pointsBack && !continues && !(isShort && wantsFact) && !ofThem.test(question)) return plan;
  const isList = previous.kind === "list" || previous.kind === "superlative" || previous.kind === "find";
  const isPlural = ofThem.test(question) || /\b(?:them|they|these|those)\b/i.test(question);
  if (isList && (isPlural || !pointsBack) && previous.foods.length === 0)
    return narrow(plan, previous, lexicon);
  const subjects = subjectsOf(question, previous, history, lexicon);
  if (subjects.length === 0) return narrow(plan, previous, lexicon);
  return withSubject(plan, subjects, lexicon);
}

/** `And tempeh?` asks of tempeh what was asked before. */
function askTheSame(plan: QuestionPlan, previous: QuestionPlan): QuestionPlan {
  const names = plan.foods.map(({ name }) => name).join(" and ");
  const asked = previous.asked;
  const what = [...asked.facts, ...asked.diets, ...asked.allergens, ...asked.ingredients].join(", ");
  return {
    ...plan,
    kind: "fact",
    asked,
    takenAs: what === "" ? names : `${names}: ${what}`,
  };
}

/** `How long does it keep?` is about the food of the question before. */
function withSubject(plan: QuestionPlan, foods: readonly NamedFood[], lexicon: Lexicon): QuestionPlan {
  const names = foods.map(({ name }) => name).join(" and ");
  const { asked, constraints, question } = plan;
  const replaced = question.replace(replaceable, names);
  if (replaced !== question) {
    const own = understand(replaced, lexicon);
    const meant = new Set(own.foods.flatMap(({ ids }) => ids));
    const isAboutAll = foods.every(({ ids }) => ids.some((id) => meant.has(id)));
    if (isAboutAll && own.kind !== "outside") return { ...own, question, takenAs: replaced };
  }
  return {
    ...plan,
    kind: foods.length > 1 ? "compare" : "fact",
    foods,
    asked: askedWith(asked, constraints, lexicon),
    constraints: [],
    searchText: `${names} ${plan.searchText}`,
    takenAs: replaced === question ? `${question} (${names})` : replaced,
  };
}

/** `only from Italy` after `not from Europe`, `not from India` after `from India`, `vegetarian` after `vegan`. */
function takesPlaceOf(next: Constraint, old: Constraint): boolean {
  if (isPlace(next) && isPlace(old)) return !next.isExcluded || (!old.isExcluded && next.name === old.name);
  if (next.isExcluded || old.isExcluded || next.kind !== old.kind) return false;
  return next.kind !== "diet" || areOneScale(next.name, old.name);
}

/** `And which of them are vegan?` narrows the list before; a new place or type takes the place of the old one. */
function narrow(plan: QuestionPlan, previous: QuestionPlan, { questionStems }: Lexicon): QuestionPlan {
  const replaced = (old: Constraint) => plan.constraints.some((each) => takesPlaceOf(each, old));
  const carried = previous.constraints.filter((each) => !replaced(each));
  const constraints = [...carried, ...plan.constraints];
  const carriedPlace = carried.some(isPlace);
  const base = carriedPlace || carried.length === previous.constraints.length ? previous.searchText : "";
  const terms = [...new Set([...previous.terms, ...plan.terms])].filter((stem) => !questionStems.has(stem));
  const described = constraints
    .map((each) => (each.isExcluded ? describeConstraint(each) : each.name))
    .join(", ");
  const superlative = plan.superlative ?? previous.superlative;
  const topic = previous.terms.length > 0 ? `${wholeQuestion(previous)} ` : "";
  return {
    ...plan,
    kind: superlative?.field === undefined ? "list" : "superlative",
    constraints,
    ...(superlative && { superlative }),
    ...(previous.givenUp && { givenUp: previous.givenUp }),
    searchText: `${base} ${plan.searchText}`.trim(),
    terms,
    takenAs: `${topic}${topic === "" ? "foods: " : "· "}${described}`.trim(),
  };
}

/** `vegetarian` may take the place of `vegan`; `gluten-free` is a further condition. */
function areOneScale(left: string, right: string): boolean {
  const includes = (wide: string, name: string) => dietsWithin(wide).some((each) => each.name === name);
  return left === right || includes(left, right) || includes(right, left);
}

const places = ["first", "second", "third", "fourth", "fifth"];

/** `The second one`: of several foods of a question, or of the last list that an answer gave. */
const byPlace = new RegExp(`\\bthe (${places.join("|")}|last) one\\b`, "i");

/** A line of a list, and in another form of one that a model writes. */
const listItem = /^(?:[-*]|\d+[.)])\s/;

/** The foods that a follow-up points to; none if it points past the end of a list. */
function subjectsOf(
  question: string,
  { foods }: QuestionPlan,
  history: readonly Exchange[],
  lexicon: Lexicon,
): readonly NamedFood[] {
  const answers = history.map(({ answer }) => answer);
  const named = byPlace.exec(question)?.[1]?.toLowerCase();
  const listed = answers
    .map((answer) => answer.split("\n").filter((line) => listItem.test(line)))
    .findLast((lines) => lines.length > 1);
  const count = foods.length > 1 ? foods.length : (listed?.length ?? 0);
  if (named === undefined || count < 2) return foods.length > 0 ? foods : firstNamed(answers.at(-1), lexicon);
  const place = named === "last" ? count - 1 : places.indexOf(named);
  return foods.length > 1 ? foods.slice(place, place + 1) : firstNamed(listed?.[place], lexicon);
}

/** The food that an answer names first: what `it` means after a list. */
function firstNamed(answer: string | undefined, lexicon: Lexicon): NamedFood[] {
  const spans = findSpans(readWords(answer ?? ""), lexicon);
  const first = spans.find(({ ids, isPartialName }) => ids.length > 0 && !isPartialName);
  const [id] = first?.ids ?? [];
  if (first === undefined || id === undefined) return [];
  return [{ name: lexicon.nameById.get(id) ?? first.text, ids: first.ids }];
}
