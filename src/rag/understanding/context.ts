import type { Word } from "../vocabulary/words.ts";
import type { Span } from "./mentions.ts";

/**
 * In which way a question mentions something: to leave it out (`without nuts`), to say that foods are no such thing
 * (`not vegan`, `aren't soups`), as a part of a dish, or in any other way.
 */
export type MentionContext = "excluded" | "negated" | "ingredient" | "plain";

/** Words before a phrase that leave it out. */
const exclusionBefore =
  /(?:\bwithout(?: any)?|\b(?:sans|ohne|senza|sin|sem|zonder)|\bno|\bneither|\bnot (?:contain(?:ing)?|have|having|include|including|use|using|made (?:with|from|of))(?: any)?|n['’]t (?:contain|have|include|use|eat|like|tolerate|want|take|stand)(?: any)?|\b(?:cannot|can not|never) (?:eat|have|tolerate|digest)(?: any)?|\bfree (?:of|from)|\bavoid(?:s|ing)?|\bexcept(?: for)?|\bexcluding|\ballerg(?:ic|y|ies) to|\bintoleran(?:t|ce) (?:to|of|for)|\bhates?|\bdislikes?|\bleav(?:e|ing) out|\bnon|\binstead of|\bminus|\blacking|\bother than|\bbut no|\bnor)\s+(?:(?:all|any|the|both|either|tree|some)\s+)?$/i;

/** Words after a phrase that leave it out; `is X free from Y?` leaves out what comes after. */
const exclusionAfter =
  /^\s*(?:-\s*|\s)(?:free\b(?! (?:of|from|range))|(?:allerg(?:y|ies|ic)|intoleran(?:t|ce))\b)|^\s*-\s*less\b/i;

/** Words before a phrase that say of foods that they are no such thing. */
const negationBefore = /(?:\bnot|n['’]t|\bnon)[\s-]+(?:(?:an?|the|any|from|in|for)\s+)*$/i;

/** Words before a phrase that make it a part of a dish. */
const ingredientBefore =
  /(?:\bwith(?: (?:some|lots of|plenty of))?|\bmade (?:with|from|of|out of|using)|\bcontain(?:s|ing)?|\busing|\buses?|\bincluding|\bincludes?|\b(?:have|has|having|got)|\b(?:dish|dishes|bowl|plate|mixture|layers?|slices?|cubes|pieces) of|\bcook|\bfilled with|\bstuffed with|\bbased on|\bis there(?: any)?|\bare there(?: any)?|\brich in|\badd)\s+(?:(?:a|an|any|some|the|both|[\p{L}]+)\s+)?$/iu;

/** `Can vegans have honey?` asks about honey, not about dishes with it. */
const mayHave = /\b(?:can|could|may|should)\b.{1,60}\bhave\s+(?:(?:an?|any|some|the)\s+)?$/i;

/** `X-based`, `X in it`. */
const ingredientAfter = /^\s*-?\s*(?:based\b|in (?:it|them|there)\b)/i;

/** Between two phrases that one word introduces: `nuts or eggs`, `milk, eggs and fish`. */
const joint = /^[\s,]*(?:(?:,|and|or|nor|&|\/)\s*(?:any\s+|to\s+|no\s+)?)+$/i;

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
    const inherited =
      !isChoice && previous && isMatter(previous) && isMatter(span) && joint.test(gap)
        ? contexts[place - 1]
        : undefined;
    if (exclusionAfter.test(after) && isMatter(span)) {
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
    else if (span.ids.length === 0 && negationBefore.test(before)) {
      contexts.push("negated");
    } else if ((ingredientBefore.test(before) && !mayHave.test(before)) || ingredientAfter.test(after)) {
      contexts.push("ingredient");
    } else contexts.push(inherited ?? "plain");
  }
  return contexts;
}

/** Whether a phrase means something that a dish can contain. */
function isMatter(span: Span): boolean {
  return span.allergen !== undefined || span.isIngredient || span.ids.length > 0;
}
