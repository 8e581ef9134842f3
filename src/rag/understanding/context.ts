import type { Word } from "../vocabulary/words.ts";
import { amountOf, leavesOut, leavesOutAfter } from "./exclusion-words.ts";
import { isMatter, type Span } from "./mentions.ts";

/**
 * In which way a question mentions something: to leave it out (`without nuts`), to say that foods are no such thing
 * (`not vegan`, `aren't soups`) or need not be (`vegan or not`), as a part of a dish, or in any other way.
 */
export type MentionContext = "excluded" | "negated" | "open" | "ingredient" | "plain";

/** Words before a phrase that leave it out. */
const exclusionBefore = new RegExp(
  `(?:${leavesOut})\\s+(?:(?:${amountOf}|all|any|the|both|either|tree|some|being|too|very|so)\\s+)*$`,
  "i",
);

/** Words after a phrase that leave it out: `nut-free`, `egg allergy`, `boneless`. */
const exclusionAfter = new RegExp(`${leavesOutAfter}|^\\s*-\\s*less\\b`, "i");

/** Words that may stand between `not` and what it denies: `not from`, `not suitable for`, `n't eaten in`. */
const between =
  "(?:(?:from|in|of|at|for|on|be|being|come|comes|coming|made|eaten|served|cooked|grown|want|like|eat|need|suitable|meant|season|considered|really|too|very|so|that|overly|originally|usually|typically|traditionally|an?|the|any|either|all)\\s+){0,5}$";

/** Words before a diet, a place, a type or a meal that say of foods that they are no such thing. */
const negationBefore = new RegExp(
  `(?:\\b(?:not|never|non|outside(?: of)?|any(?:where|thing) (?:but|except)|everything (?:but|except)|except(?: for)?|excluding|other than|apart from|aside from|rather than|instead of|neither|nor|unsuitable for|off[- ]limits (?:for|to)|forbidden (?:for|to))|n['’]t)[\\s-]+${between}`,
  "i",
);

/** `Isn't Italian food spicy?`, `Why don't …`: a question, not a denial. */
const negativeQuestion = /^\W*(?:why\s+)?\w+n['’]t\s*$/i;

/** `Which foods can vegans not eat?`, `What do vegans avoid?` */
const negationAfter = /^\s*(?:(?:should|must|have to|need to|can)\s*)?(?:not\s+(?:eat|have|drink)|avoid)\b/i;

/** Words before a phrase that say that it does not matter: `need not be vegan`, `we are not vegetarians`. */
const openBefore = new RegExp(
  `(?:\\b(?:does|do)(?: not|n['’]t) (?:have|need) to|\\bneed(?: not|n['’]t)|\\bnot (?:necessarily|only|just)|\\bwith or without|\\bwhether or not(?: it is)?|\\b(?:i|we|he|she|they|you|who|guests?|friends?|wife|husband|partner|kids?|children|family|everyone|people)(?:['’](?:m|re|s)| am| are| is)?(?: not|n['’]t))\\s+${between}`,
  "i",
);

/** `vegan or not` */
const openAfter = /^\s*or not\b/i;

/** `Is tofu vegan or not?` */
const yesOrNo = /\b(?:is|are|does|do)\s+(?!there\b)[^,.;?]*$/i;

/** Words before a phrase that make it a part of a dish. */
const ingredientBefore =
  /(?:\bwith(?: (?:some|lots of|plenty of))?|\bmade (?:with|from|of|out of|using)|\bcontain(?:s|ing)?|\busing|\buses?|\bincluding|\bincludes?|\b(?:have|has|having|got)|\b(?:dish|dishes|bowl|plate|mixture|layers?|slices?|cubes|pieces) of|\bcook|\bfilled with|\bstuffed with|\bbased on|\bis there(?: any)?|\bare there(?: any)?|\brich in|\badd)\s+(?:(?:a|an|any|some|the|both|[\p{L}]+)\s+)?$/iu;

/** `Can vegans have honey?` asks about honey, not about dishes with it. */
const mayHave = /\b(?:can|could|may|should)\b.{1,60}\bhave\s+(?:(?:an?|any|some|the)\s+)?$/i;

/** `X-based`, `X in it`. */
const ingredientAfter = /^\s*-?\s*(?:based\b|in (?:it|them|there)\b)/i;

/** `Beef dishes`, but `pasta dishes` are a type. */
const dishesAfter = /^\s+(?:dish(?:es)?|recipes?|meals?)\b/i;

/** Between two phrases that one word introduces: `nuts or eggs`, `milk, eggs and fish`. */
const joint = /^[\s,]*(?:(?:,|and|or|nor|&|\/)\s*(?:any\s+|to\s+|no\s+)?)+$/i;

/** Between two places or diets of which one word denies both: `not from India or Thailand`. */
const jointNegation = /^\s*(?:,|&|\/|(?:,\s*)?(?:and|or|nor)(?:\s+(?:from|in))?)\s*(?:the\s+)?$/i;

/** A phrase with the words around it. */
interface Surroundings {
  readonly span: Span;
  readonly before: string;
  readonly after: string;
}

/** What the words around a phrase say; the first that holds counts. */
const rules: readonly (readonly [MentionContext, (each: Surroundings) => boolean])[] = [
  [
    "open",
    ({ before, after }) => openBefore.test(before) || (openAfter.test(after) && !yesOrNo.test(before)),
  ],
  ["negated", isDenied],
  ["excluded", isLeftOutAfter],
  ["excluded", ({ before }) => exclusionBefore.test(before)],
  ["ingredient", ({ before }) => ingredientBefore.test(before) && !mayHave.test(before)],
  ["ingredient", ({ after }) => ingredientAfter.test(after)],
  [
    "ingredient",
    ({ span, after }) => span.value === undefined && span.fact === undefined && dishesAfter.test(after),
  ],
];

/** The context of each span, in their order. */
export function contextsOf(
  question: string,
  words: readonly Word[],
  spans: readonly Span[],
): MentionContext[] {
  const all = spans.map((span): Surroundings => {
    const before = question.slice(0, words[span.from]?.start);
    return { span, before, after: question.slice(words[span.to - 1]?.end) };
  });
  const gapBefore = (place: number) =>
    question.slice(words[(spans[place - 1]?.to ?? 0) - 1]?.end ?? 0, words[spans[place]?.from ?? 0]?.start);
  const contexts: MentionContext[] = [];
  for (const [place, each] of all.entries()) {
    const own = rules.find(([, holds]) => holds(each))?.[0];
    const earlier = spans[place - 1];
    const inherits =
      earlier !== undefined &&
      shareContext(earlier, each.span, gapBefore(place)) &&
      !isChoice(question, earlier, each.span, contexts[place - 1], gapBefore(place));
    contexts.push(own ?? (inherits ? contexts[place - 1] : undefined) ?? "plain");
  }
  // `nut and egg allergy` leaves out both.
  const reachesBack = all.map(isLeftOutAfter);
  for (let place = spans.length - 1; place > 0; place--) {
    const earlier = spans[place - 1] as Span;
    if (!reachesBack[place] || !isMatter(earlier) || !joint.test(gapBefore(place))) continue;
    contexts[place - 1] = "excluded";
    reachesBack[place - 1] = true;
  }
  return contexts;
}

/** Whether words before the first of two phrases also apply to the second. */
function shareContext(left: Span, right: Span, gap: string): boolean {
  // `I am allergic to nuts, any cakes?` asks for cakes.
  if (right.value !== undefined && /\bany\b/i.test(gap)) return false;
  if (isMatter(left) && isMatter(right) && joint.test(gap)) return true;
  const kind = kindOf(left);
  return kind !== undefined && kind === kindOf(right) && jointNegation.test(gap);
}

/** `Which contains gluten, quinoa or bulgur?` names two foods after what they may contain. */
function isChoice(
  question: string,
  left: Span,
  right: Span,
  context: MentionContext | undefined,
  gap: string,
): boolean {
  const isAsked = /^(?:which|what)\b/i.test(question) && context === "ingredient";
  return isAsked && left.ids.length === 0 && right.ids.length > 0 && /^\s*,\s*$/.test(gap);
}

/** What a word of denial applies to, apart from the foods that a question names. */
function kindOf({ ids, diet, place, value, isIngredient, allergen }: Span): string | undefined {
  if (ids.length > 0) return undefined;
  if (diet) return "diet";
  if (place) return "place";
  return value ? "value" : isIngredient || allergen ? "matter" : undefined;
}

/** Whether the words around a phrase say of foods that they are no such thing. */
function isDenied({ span, before, after }: Surroundings): boolean {
  const kind = kindOf(span);
  if (kind === "diet" && negationAfter.test(after)) return true;
  return kind !== undefined && negationBefore.test(before) && !negativeQuestion.test(before);
}

function isLeftOutAfter({ span, after }: Surroundings): boolean {
  return isMatter(span) && exclusionAfter.test(after);
}
