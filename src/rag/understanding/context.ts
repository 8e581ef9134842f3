import type { Word } from "../vocabulary/words.ts";
import type { Span } from "./mentions.ts";

/**
 * In which way a question mentions something: to leave it out (`without nuts`), to say that foods are no such thing
 * (`not vegan`, `aren't soups`) or need not be (`vegan or not`), as a part of a dish, or in any other way.
 */
export type MentionContext = "excluded" | "negated" | "open" | "ingredient" | "plain";

/** Words before a phrase that leave it out. */
const exclusionBefore =
  /(?:\bwithout(?: any)?|\b(?:sans|ohne|senza|sin|sem|zonder)|\bno|\bneither|\bnot (?:contain(?:ing)?|have|having|include|including|use|using|made (?:with|from|of))(?: any)?|n['’]t (?:contain|have|include|use|eat|like|tolerate|want|take|stand)(?: any)?|\b(?:cannot|can not|never) (?:eat|have|tolerate|digest)(?: any)?|\bfree (?:of|from)|\bavoid(?:s|ing)?|\bexcept(?: for)?|\bexcluding|\ballerg(?:ic|y|ies) to|\bintoleran(?:t|ce) (?:to|of|for)|\bhates?|\bdislikes?|\bleav(?:e|ing) out|\bnon|\binstead of|\bminus|\blacking|\bother than|\bbut no|\bnor)\s+(?:(?:all|any|the|both|either|tree|some|being|too|very|so)\s+)*$/i;

/** Words after a phrase that leave it out; `is X free from Y?` leaves out what comes after. */
const exclusionAfter =
  /^\s*(?:-\s*|\s)(?:free\b(?! (?:of|from|range))|(?:allerg(?:y|ies|ic)|intoleran(?:t|ce))\b)|^\s*-\s*less\b/i;

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

/** Between two phrases that one word introduces: `nuts or eggs`, `milk, eggs and fish`. */
const joint = /^[\s,]*(?:(?:,|and|or|nor|&|\/)\s*(?:any\s+|to\s+|no\s+)?)+$/i;

/** Between two places or diets of which one word denies both: `not from India or Thailand`. */
const jointNegation = /^\s*(?:,|&|\/|(?:,\s*)?(?:and|or|nor)(?:\s+(?:from|in))?)\s*(?:the\s+)?$/i;

/** The context of each span, in their order. */
export function contextsOf(
  question: string,
  words: readonly Word[],
  spans: readonly Span[],
): MentionContext[] {
  const contexts: MentionContext[] = [];
  for (const [place, span] of spans.entries()) {
    const start = words[span.from]?.start ?? 0;
    const end = words[span.to - 1]?.end ?? 0;
    const before = question.slice(0, start);
    const after = question.slice(end);
    const previous = spans[place - 1];
    const gap = previous ? question.slice(words[previous.to - 1]?.end ?? 0, start) : "";
    // `Which contains gluten, quinoa or bulgur?` names two foods after what they may contain.
    const isChoice =
      /^(?:which|what)\b/i.test(question) &&
      contexts[place - 1] === "ingredient" &&
      previous?.ids.length === 0 &&
      span.ids.length > 0 &&
      /^\s*,\s*$/.test(gap);
    const isJoint =
      !isChoice && previous !== undefined && isMatter(previous) && isMatter(span) && joint.test(gap);
    const inherited =
      isJoint || (previous && isSameKind(previous, span) && jointNegation.test(gap))
        ? contexts[place - 1]
        : undefined;
    if (openBefore.test(before) || (openAfter.test(after) && !yesOrNo.test(before))) contexts.push("open");
    else if (isDenied(span, before, after)) contexts.push("negated");
    else if (exclusionAfter.test(after) && isMatter(span)) {
      contexts.push("excluded");
      // `nut and egg allergy` leaves out both.
      for (let earlier = place; earlier > 0; earlier--) {
        const left = spans[earlier - 1] as Span;
        const right = spans[earlier] as Span;
        const between = question.slice(words[left.to - 1]?.end ?? 0, words[right.from]?.start ?? 0);
        if (!joint.test(between) || !isMatter(left)) break;
        contexts[earlier - 1] = "excluded";
      }
    } else if (exclusionBefore.test(before)) contexts.push("excluded");
    else if ((ingredientBefore.test(before) && !mayHave.test(before)) || ingredientAfter.test(after)) {
      contexts.push("ingredient");
    } else contexts.push(inherited ?? "plain");
  }
  return contexts;
}

/** Whether a phrase means something that a dish can contain. */
function isMatter(span: Span): boolean {
  return span.allergen !== undefined || span.isIngredient || span.ids.length > 0;
}

/** What a word of denial applies to, apart from the foods that a question names. */
function kindOf({ ids, diet, place, value, isIngredient, allergen }: Span): string | undefined {
  if (ids.length > 0) return undefined;
  if (diet) return "diet";
  if (place) return "place";
  return value ? "value" : isIngredient || allergen ? "matter" : undefined;
}

function isSameKind(left: Span, right: Span): boolean {
  const kind = kindOf(left);
  return kind !== undefined && kind === kindOf(right);
}

/** Whether the words around a phrase say of foods that they are no such thing. */
function isDenied(span: Span, before: string, after: string): boolean {
  const kind = kindOf(span);
  if (kind === undefined) return false;
  if (kind === "diet" && negationAfter.test(after)) return true;
  return negationBefore.test(before) && !negativeQuestion.test(before);
}
