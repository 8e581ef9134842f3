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
import {
  asksAnything,
  asksProperty,
  type Constraint,
  type NamedFood,
  otherTerms,
  type QuestionPlan,
  wholeQuestion,
} from "./plan.ts";
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

/** `From Mexico`, `not Italian`, `for breakfast`: nothing but a further condition. */
const fragment =
  /^(?:from|for|in|not|no|none|nothing|skip)\b(?!.*\b(?:what|which|who|where|when|how|is|are|can|do|does|i|we)\b)/i;

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
  let listed: QuestionPlan | undefined;
  let foods: readonly NamedFood[] = [];
  let avoided: readonly Constraint[] = [];
  for (const [place, exchange] of history.entries()) {
    const left = new IgnoredParts(exchange.ignore, ignored);
    const own = left.without(
      exchange.plan?.parts?.at(-1) ??
        exchange.plan ??
        complete(
          understand(exchange.question, lexicon, left),
          { previous, listed, foods, history: history.slice(0, place) },
          lexicon,
        ),
    );
    avoided = avoided.filter((each) => !isGivenUp(each, own));
    if (saysWhatToAvoid(exchange.question))
      avoided = [...avoided, ...own.constraints.filter(isSafetyConstraint)];
    // A question for reasons leaves the topic as it is.
    previous = own.kind === "outside" || own.kind === "about" || own.asksWhy ? previous : own;
    if (previous === own && isListOf(own)) listed = own;
    const isNew = ({ name }: NamedFood) => !own.foods.some((each) => each.name === name);
    foods = [...foods.filter(isNew), ...own.foods].slice(-2);
  }
  return withAvoided(complete(plan, { previous, listed, foods, history }, lexicon), avoided, lexicon);
}

function isGivenUp({ kind, name }: Constraint, { givenUp = [] }: QuestionPlan): boolean {
  return givenUp.some((each) => each.kind === kind && each.name === name);
}

/** `Can I eat it?`, `Is it safe?`: asks for what a person must avoid. */
const asksForMe = /\b(?:can|could|may|should) (?:i|we)\b|\bfor (?:me|us)\b|\b(?:safe|suitable|ok|okay)\b/i;

/** What a person said earlier that they must avoid holds for all that is looked for later. */
export function withAvoided(
  plan: QuestionPlan,
  avoided: readonly Constraint[],
  lexicon: Lexicon,
): QuestionPlan {
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

/** `Another one`, `give me other one`, `what else is there?`: more of the last list. */
const more =
  /\b(?:another|(?:any )?other(?:s| ones?| options?| ideas?)\b(?! than)|more \p{L}+ ones?|something else|(?:what|anything|which) else|(?:a )?different one|(?:some|any|show(?: me)?|give me) more(?! [\p{L}]+ than)|more (?:ideas|options|of (?:them|these|those)))\b/iu;

/** `Make it vegetarian`: a further condition. */
const adjusts = /^\W*(?:(?:can|could) you |please )?(?:make|keep) (?:it|that|this)\b/i;

/** `Which drink goes with that?`, after a list: with each of its foods. */
const goesWith =
  /\b(?:go(?:es)?(?: well)?|pairs?|serve[ds]?|drink|eat) with (?:it|that|this|them|these|those)\b/i;

/** `Which of the two has less?` */
const ofBoth = /\b(?:of|between) (?:the two|both)\b/i;

interface Before {
  readonly previous: QuestionPlan | undefined;
  /** The last plan that a list answered. */
  readonly listed: QuestionPlan | undefined;
  /** The last two foods that questions named. */
  readonly foods: readonly NamedFood[];
  readonly history: readonly Exchange[];
}

function isListOf({ kind, foods }: QuestionPlan): boolean {
  return (kind === "list" || kind === "superlative" || kind === "find") && foods.length === 0;
}

function complete(plan: QuestionPlan, before: Before, lexicon: Lexicon): QuestionPlan {
  const { previous, listed, foods, history } = before;
  if (previous === undefined) return plan;
  const question = plan.question.trim();
  if (ofBoth.test(question) && plan.foods.length === 0 && foods.length === 2) {
    const own = askedWith(plan.asked, plan.constraints, lexicon);
    const asked = asksAnything(own) ? own : previous.asked;
    const takenAs = `${question} (${foods.map(({ name }) => name).join(" or ")})`;
    return { ...plan, kind: "compare", foods, asked, constraints: [], terms: [], takenAs };
  }
  // `What else is in it?` asks about the food.
  if (
    listed &&
    more.test(question) &&
    !/(?<!\blike )\bits?\b/i.test(question) &&
    plan.foods.length === 0 &&
    otherTerms(plan).length === 0
  ) {
    return { ...narrow(plan, listed, lexicon), shown: shownIn(history, lexicon) };
  }
  if (asksWhy(question)) {
    return { ...previous, question, takenAs: wholeQuestion(previous), asksWhy: true };
  }
  if (whyNot.test(question) && asksAnything(previous.asked)) {
    return { ...previous, question, takenAs: wholeQuestion(previous) };
  }
  const wider = withoutGivenUp(question, previous, lexicon);
  if (wider !== undefined) return wider;
  const continues = goesOn.test(question) || (fragment.test(question) && plan.constraints.length > 0);
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
  if (continues && previous.foods.length > 0 && !pointsBack) {
    const same = askOfOther(plan, previous, lexicon);
    if (same !== undefined) return same;
    if (hasOwnTopic || (/\b(?:what|which) (?!about\b)/i.test(question) && plan.constraints.some(isMeal)))
      return plan;
  }
  const isShort = readWords(question).length <= 6 && plan.terms.length <= 1 && !hasOwnTopic;
  if (!pointsBack && !continues && !(isShort && wantsFact) && !ofThem.test(question)) return plan;
  const isPlural =
    ofThem.test(question) || adjusts.test(question) || /\b(?:them|they|these|those)\b/i.test(question);
  if (isListOf(previous) && (isPlural || !pointsBack) && !goesWith.test(question))
    return narrow(plan, previous, lexicon);
  const subjects = subjectsOf(question, previous, history, lexicon);
  if (subjects.length === 0) return narrow(plan, previous, lexicon);
  return withSubject(plan, subjects, lexicon);
}

/** Ids of the records in the lists of a conversation. */
function shownIn(history: readonly Exchange[], lexicon: Lexicon): string[] {
  const lines = history.flatMap(({ answer }) => answer.split("\n").filter((line) => listItem.test(line)));
  return lines.flatMap((line) => firstNamed(line, lexicon).flatMap(({ ids }) => ids));
}

/** `What about raw fish?` after `Can my child eat honey?` asks the same of something without a record. */
function askOfOther(plan: QuestionPlan, previous: QuestionPlan, lexicon: Lexicon): QuestionPlan | undefined {
  const other = /^\W*(?:and )?(?:what|how) about\s+(.+?)[\s?.!]*$/i.exec(plan.question)?.[1];
  const [food, ...foods] = previous.foods;
  const { facts, diets } = previous.asked;
  if (other === undefined || food === undefined || foods.length > 0 || plan.terms.length === 0)
    return undefined;
  const isOther =
    plan.asked.facts.every((fact) => facts.includes(fact)) &&
    !asksProperty(plan.asked) &&
    !plan.constraints.some(isProperty);
  if (!isOther || (!facts.includes("safety") && diets.length === 0)) return undefined;
  const before = wholeQuestion(previous);
  const at = before.toLowerCase().indexOf((food.written ?? food.name).toLowerCase());
  if (at < 0) return undefined;
  const end = at + (food.written ?? food.name).length;
  const takenAs = `${before.slice(0, at)}${other}${before.slice(end)}`;
  return { ...understand(takenAs, lexicon), question: plan.question, takenAs };
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
  // A dessert is no dinner, whether the data has it as a type or as a meal.
  if (isKind(next) && isKind(old) && !next.isExcluded && !old.isExcluded)
    return next.kind === old.kind || isCourse(next) || isCourse(old);
  if (isPlace(next) && isPlace(old)) return !next.isExcluded || (!old.isExcluded && next.name === old.name);
  if (next.isExcluded || old.isExcluded || next.kind !== old.kind) return false;
  return next.kind !== "diet" || areOneScale(next.name, old.name);
}

/** Stands between the question that a conversation began with and its conditions by now. */
const narrowed = "·";

/** `And which of them are vegan?` narrows the list before; a new place or type takes the place of the old one. */
function narrow(plan: QuestionPlan, previous: QuestionPlan, lexicon: Lexicon): QuestionPlan {
  const replaced = (old: Constraint) => plan.constraints.some((each) => takesPlaceOf(each, old));
  const carried = previous.constraints.filter((each) => !replaced(each));
  const constraints = [...carried, ...plan.constraints];
  const carriedPlace = carried.some(isPlace);
  const base = carriedPlace || carried.length === previous.constraints.length ? previous.searchText : "";
  const kept = withoutOldTopic(plan, previous, lexicon);
  const terms = [...new Set([...kept, ...plan.terms])].filter((stem) => !lexicon.questionStems.has(stem));
  const described = constraints
    .map((each) => (each.isExcluded ? describeConstraint(each) : each.name))
    .join(", ");
  const superlative = plan.superlative ?? previous.superlative;
  const [topic] = kept.length > 0 ? wholeQuestion(previous).split(` ${narrowed} `) : [];
  return {
    ...plan,
    kind: superlative?.field === undefined ? "list" : "superlative",
    constraints,
    ...(superlative && { superlative }),
    ...(previous.givenUp && { givenUp: previous.givenUp }),
    searchText: `${base} ${plan.searchText}`.trim(),
    terms,
    takenAs: topic === undefined ? `foods: ${described}` : `${topic} ${narrowed} ${described}`,
  };
}

function isMeal({ kind }: Constraint): boolean {
  return kind === "meal";
}

function isKind(each: Constraint): boolean {
  return each.kind === "type" || isMeal(each);
}

function isCourse({ name }: Constraint): boolean {
  return /^(?:dessert|drink|beverage|snack)s?$/i.test(name);
}

/** The words of the question before, without its kind of food (`sausage`) if the next one names another (`cake`). */
function withoutOldTopic(plan: QuestionPlan, previous: QuestionPlan, lexicon: Lexicon): readonly string[] {
  const isName = (stem: string) =>
    [lexicon.names, lexicon.ingredients, lexicon.values].some((table) => table.get(stem).length > 0);
  return plan.constraints.some(isKind) || plan.terms.some(isName)
    ? previous.terms.filter((stem) => !isName(stem))
    : previous.terms;
}

/** Rules of religions: who asks for another one follows that. */
const religious = new Set(["halal", "kosher", "Jain"]);

/** `vegetarian` may take the place of `vegan`; `gluten-free` is a further condition. */
function areOneScale(left: string, right: string): boolean {
  const includes = (wide: string, name: string) => dietsWithin(wide).some((each) => each.name === name);
  const areReligious = religious.has(left) && religious.has(right);
  return left === right || areReligious || includes(left, right) || includes(right, left);
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
  if (foods.length === 0 && goesWith.test(question) && listed)
    return listed.flatMap((line) => firstNamed(line, lexicon));
  const count = foods.length > 1 ? foods.length : (listed?.length ?? 0);
  if (named === undefined || count < 2) {
    // The first line of a list names its conditions: `with chickpeas`.
    const first =
      answers
        .at(-1)
        ?.split("\n")
        .find((each) => listItem.test(each)) ?? answers.at(-1);
    return foods.length > 0 ? foods : firstNamed(first, lexicon);
  }
  const place = named === "last" ? count - 1 : places.indexOf(named);
  return foods.length > 1 ? foods.slice(place, place + 1) : firstNamed(listed?.[place], lexicon);
}

/** The food that an answer names first: what `it` means after a list. */
function firstNamed(answer: string | undefined, lexicon: Lexicon): NamedFood[] {
  const text = answer ?? "";
  const spans = findSpans(text, readWords(text), lexicon);
  const first = spans.find(({ ids, isPartialName }) => ids.length > 0 && !isPartialName);
  const [id] = first?.ids ?? [];
  if (first === undefined || id === undefined) return [];
  return [{ name: lexicon.nameById.get(id) ?? first.text, ids: first.ids }];
}
