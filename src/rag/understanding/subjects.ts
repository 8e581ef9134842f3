import { readWords } from "../vocabulary/words.ts";
import type { MentionContext } from "./context.ts";
import { speaksOfAllergy } from "./exclusion-words.ts";
import type { Span } from "./mentions.ts";

export const comparing: RegExp =
  /\b(?:compare[ds]?|comparison|difference|differ|versus|vs|better|healthier|than|or|both|between)\b/i;

export const isOneOfAll: RegExp =
  /\b(?:most|highest|maximum|richest|least|lowest|fewest|minimum|lightest)\b|\b(?:low|high)[- ](?:in )?(?:calories?|energy|kcal)\b/i;

const least =
  /\b(?:least|lowest|fewest|lower|less|fewer|lighter|min(?:imum)?|lightest|smallest|low[- ](?:in )?(?:calories?|energy|kcal))\b/i;

/** Whether a question asks for the most or the least of something. */
export function directionOf(text: string): "most" | "least" {
  return least.test(text) && !/\bmost\b/i.test(text) ? "least" : "most";
}

/** Facts that only a food can have that the question names. */
const subjectFacts = new Set([
  "energy",
  "season",
  "storage",
  "origin",
  "preparation",
  "pairing",
  "price",
  "amount",
]);

/** What comes right before the food that a question is about. */
const aboutBefore =
  /(?:^|[,.;:?!]\s*|\b(?:so|and|but|then)\s+)(?:(?:what|where|when|why|how|who)(?:['’]s|\s+(?:exactly\s+)?(?:is|are|was|were|does|do|did|much|many|long|should|can|could)\b.*)?|(?:which|what) \w+ (?:is|are|does|do|did|has|have)|is|are|does|do|did|can|could|should|may|has|have|tell me (?:something |more )?about|about|describe|explain|define|recipe for|(?:can|could|may|should) .{1,60} (?:eat|have|drink)|is it (?:ok|okay|fine|safe|all right|possible) (?:for .{1,40} )?to (?:eat|have|drink))\s*(?:(?:the|an?|some|my|this|real|fresh|raw|cooked|dried)\s+)*$/i;

/** The spans that name what the question is about, among those that could be names. */
export function subjectsOf(
  text: string,
  spans: readonly Span[],
  contexts: readonly MentionContext[],
): Set<Span> {
  const named = spans.filter((span) => span.ids.length > 0);
  const contextOf = (span: Span) => contexts[spans.indexOf(span)];
  const asksFact = spans.some(
    ({ fact }) => fact !== undefined && subjectFacts.has(fact.name) && isFactAsked(text, fact.name),
  );
  const isComparison = comparing.test(text) && (named.length > 1 || /^\W*compare\b/i.test(text));
  const kinds = spans.filter(
    ({ value, place, ids }) => ids.length === 0 && (value !== undefined || place !== undefined),
  );
  const isAllergy = speaksOfAllergy.test(text);
  // `a creamy Italian coffee dessert`, `the cheese that goes on pizza`: the name describes something else.
  const describes = (span: Span) => {
    if (isComparison || asksFact) return false;
    const start = wordsOnly(text).indexOf(wordsOnly(span.text));
    const isAsked = aboutBefore.test(text.slice(0, Math.max(0, start)));
    const next = kinds.find(({ from }) => from === span.to);
    // `tomato soup`, but not `Are tomatoes fruit?`
    const isPredicate = next?.to === spans.at(-1)?.to && /^(?:is|are)\b/i.test(text) && isAsked;
    if (next !== undefined && span.isIngredient && !isPredicate) return true;
    const isDescribed = span.isIngredient
      ? kinds.length > 0 || spans.length + contentWords(text) > 2
      : kinds.some(({ value }) => value !== undefined);
    return isDescribed && !isAsked;
  };
  const plain = named.filter((span) => contextOf(span) === "plain");
  const chosen = plain.filter(
    (span) => !describes(span) && !(isAllergy && span.allergen && plain.length > 1),
  );
  if (chosen.length > 0) return new Set(chosen);
  // `What is in a lamington?`, `How many calories has quinoa got?`: the last name is what is asked about.
  const last = named.filter((span) => contextOf(span) !== "excluded").at(-1);
  if (last === undefined) return new Set();
  const before = text.slice(0, Math.max(0, wordsOnly(text).lastIndexOf(wordsOnly(last.text))));
  const isIn = /\bin\s+(?:an?\s+|the\s+)?$/i.test(before);
  return new Set(isIn || (asksFact && plain.length === 0) ? [last] : []);
}

/** A text of the same length in which only words differ: a name may have hyphens where its span has spaces. */
function wordsOnly(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, " ");
}

/** `made` asks for the preparation only with `how`, `season` is a condition in `in season in autumn`. */
export function isFactAsked(text: string, fact: string): boolean {
  if (fact === "preparation") return /\bhow\b|\brecipe (?:for|of)\b|\bprepar/i.test(text);
  if (fact === "pairing") return true;
  if (fact === "energy") return !isOneOfAll.test(text);
  if (fact === "origin") return /\bwhere\b|\bwhich country\b|\bwhat country\b|\borigin/i.test(text);
  return /\b(?:how|when|where|can|should|is|are|does|do)\b/i.test(text);
}

function contentWords(text: string): number {
  return readWords(text).filter(({ isStop }) => !isStop).length;
}
