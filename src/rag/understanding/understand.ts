import { tokenize } from "../../embedding/tokenizer.ts";
import { isUnspaced } from "../../embedding/unspaced.ts";
import { isSafetyConstraint } from "../retrieval/safety.ts";
import { readWords, type Word } from "../vocabulary/words.ts";
import { asksAboutData } from "./about-data.ts";
import { takeOtherMilk } from "./animal-milk.ts";
import { askedWith } from "./asked.ts";
import { contextsOf, type MentionContext } from "./context.ts";
import { correctWords } from "./corrections.ts";
import { type Degree, degreeOf } from "./degrees.ts";
import { isPlace } from "./describe-constraint.ts";
import { excludedPhrases } from "./excluded-phrases.ts";
import { mayLeaveOut } from "./exclusion-words.ts";
import { asFlag, flagsRequired } from "./flags.ts";
import { constraintKey, foodKey, type IgnoredParts, nothingIgnored } from "./ignored.ts";
import { foreignLanguage, leavesOut } from "./language.ts";
import { hasConstraint, type LeftOut, leftOutWords } from "./left-out-words.ts";
import type { Lexicon } from "./lexicon.ts";
import { takeLimit } from "./limits.ts";
import { maskNames } from "./masked-names.ts";
import { foodNameOf } from "./meaning.ts";
import { findSpans, type Span } from "./mentions.ts";
import { literalPlan, type QuestionKind, type QuestionPlan, type Superlative } from "./plan.ts";
import { namesProduct } from "./products.ts";
import { kindOf } from "./question-kind.ts";
import { leavingOut, type Reading, read } from "./reading.ts";
import { directionOf } from "./subjects.ts";
import { treatmentAsked } from "./treatments.ts";
import { headCounts, wantedCount } from "./wanted-count.ts";
import { writeOut } from "./write-out.ts";

/** Interprets an independent question (`follow-up.ts` completes others). */
export function understand(
  question: string,
  lexicon: Lexicon,
  ignored: IgnoredParts = nothingIgnored,
): QuestionPlan {
  if (lexicon.catalog.recordCount > 0 && asksAboutData(question)) {
    return { ...literalPlan(question), kind: "about", terms: [] };
  }
  const limited = takeLimit(question, lexicon);
  const { limit } = limited;
  const ranked = degreeOf(limited.text, lexicon);
  // `Which is taller, Fastnet or Bell Rock?` names the records that it compares.
  const degree = lexicon.holdsFoods || !/\bor\b|\bthan\b/i.test(limited.text) ? ranked : undefined;
  const asked = degree === undefined ? limited.text : withBase(limited.text, degree, lexicon);
  const corrected = correctWords(writeOut(asked, lexicon), lexicon, ignored);
  const { corrections } = corrected;
  const milk = takeOtherMilk(writeOut(corrected.text, lexicon), lexicon);
  const { text } = milk;
  const words = readWords(text);
  // The words of an ignored name are searched for like any others.
  const spans = findSpans(text, words, lexicon).map((span) =>
    namesProduct(span, words) ||
    (span.ids.length > 0 && ignored.has(foodKey({ name: foodNameOf(span, lexicon) })))
      ? { ...span, ids: [], isPartialName: false }
      : span,
  );
  const masked = maskNames(text, lexicon);
  const contexts = contextsOf(masked, words, spans);
  const mentioned = read(text, spans, contexts, lexicon, ignored);
  const leftOut = lexicon.holdsFoods
    ? leftOutWords(masked, words, mentioned, lexicon)
    : [
        ...excludedPhrases(
          text,
          words,
          (place) => mentioned.consumed.has(place) || mentioned.excluded.has(place),
        ).map((each) => ({ ...each, constraint: asFlag(each.constraint, lexicon.catalog) })),
        ...flagsRequired(text, words, lexicon.catalog),
      ];
  const rest = leavingOut(mentioned, leftOut.filter(hasConstraint), ignored);
  // A figure says more of a nutrient than texts do.
  const own = rest.constraints.filter(({ kind }) => kind !== "nutrient" || degree?.field === undefined);
  const treated = treatmentAsked(text, rest, lexicon);
  const taken = [...(limit ? [limit] : []), ...milk.constraints, ...treated].filter(
    (each) => !ignored.has(constraintKey(each)),
  );
  const reading = { ...rest, constraints: [...own, ...taken] };
  const unread = new Set(leftOut.filter((each) => !hasConstraint(each)).map((each) => each.text));
  const terms = contentStems(text, words, reading, lexicon);
  const isCorrected = (word: string) => corrections.some(({ to }) => to === word.toLowerCase());
  const language = foreignLanguage(question, lexicon);
  const isUnchecked =
    language !== undefined &&
    reading.foods.length === 0 &&
    leavesOut(question) &&
    !reading.constraints.some(isSafetyConstraint);
  const known = kindOf({ text, words, reading, terms, lexicon, degree, isCorrected });
  const unclear = known !== "list" && known !== "find" ? [] : unclearMatters(text, spans, contexts, leftOut);
  for (const each of lexicon.holdsFoods ? unclear : []) unread.add(each);
  const kind = isUnchecked || (lexicon.holdsFoods && unclear.length > 0) ? "outside" : known;
  const superlative = kind === "outside" ? undefined : rankOf(text, kind, reading, degree, lexicon);
  const wanted = wantedCount(question);
  return {
    question,
    kind,
    ...(!lexicon.isAboutFood && { noun: "record" }),
    corrections,
    foods: reading.foods,
    asked: askedWith(reading, [], lexicon),
    constraints: reading.constraints,
    ...(reading.notRequired.length > 0 && { notRequired: reading.notRequired }),
    ...(superlative && { superlative }),
    ...(wanted !== undefined && { wanted }),
    ...(language !== undefined && { language }),
    ...(unread.size > 0 && { unread: [...unread] }),
    searchText: searchTextOf(text, words, spans, reading, lexicon),
    terms,
  };
}

/** Allergens and ingredients beside a word of refusal or illness that no rule has read: whether foods may have them. */
function unclearMatters(
  text: string,
  spans: readonly Span[],
  contexts: readonly MentionContext[],
  leftOut: readonly LeftOut[],
): string[] {
  const isRead = contexts.some((context) => context !== "plain" && context !== "ingredient");
  if (isRead || leftOut.length > 0 || !mayLeaveOut.test(text)) return [];
  return spans
    .filter(
      ({ allergen, isIngredient, fact }) => allergen !== undefined || (isIngredient && fact === undefined),
    )
    .map((span) => span.text);
}

/** The question with the word that texts have for a degree, if they do not have the degree itself. */
function withBase(text: string, { written, base }: Degree, { catalog }: Lexicon): string {
  const isKnown = readWords(written).every(({ stem, isStop }) => isStop || catalog.frequencies.has(stem));
  const isOneWord = base.length > 0 && !/\s(?:in|of)\s|\s/.test(written);
  return isKnown && isOneWord ? text : text.replace(written, base);
}

/** By what the records are ranked, or would be if they had a figure for it. */
function rankOf(
  text: string,
  kind: QuestionKind,
  { facts, foods }: Reading,
  degree: Degree | undefined,
  lexicon: Lexicon,
): Superlative | undefined {
  if (kind === "superlative" && facts.includes("energy")) {
    const [energy] = lexicon.fields("energy");
    const direction = directionOf(text);
    return { fact: "energy", direction, ...(energy && { field: energy.field }) };
  }
  if (degree === undefined || (foods.length > 0 && kind !== "compare")) return undefined;
  const { fact, direction, field } = degree;
  return { fact, direction, ...(field !== undefined && { field }) };
}

/** Stems that a relevant record shares with the question. */
function contentStems(
  text: string,
  words: readonly Word[],
  reading: Reading,
  { questionStems, holdsFoods }: Lexicon,
): string[] {
  const counts = holdsFoods ? headCounts(text) : [];
  const stems = words
    .filter(({ isStop, stem, start }, place) => {
      const isTaken = reading.consumed.has(place) || reading.excluded.has(place);
      const isCount = counts.some((each) => start >= each.start && start < each.end);
      return !isStop && !questionStems.has(stem) && !isTaken && !isCount;
    })
    // A run of a script without blanks has several terms.
    .flatMap(({ plain, stem }) => (isUnspaced(plain) ? tokenize(plain) : [stem]));
  // A name counts by how the data writes it, not by how the question does.
  return [...new Set([...reading.foods.flatMap(({ name }) => tokenize(name)), ...stems])];
}

/** The question with its corrections, without what it excludes, and with synonyms for what it asks for. */
function searchTextOf(
  text: string,
  words: readonly Word[],
  spans: readonly Span[],
  { excluded, constraints }: Reading,
  { synonyms }: Lexicon,
): string {
  let kept = "";
  let position = 0;
  for (const [place, word] of words.entries()) {
    if (excluded.has(place)) {
      kept += text.slice(position, word.start);
      position = word.end;
    }
  }
  kept += text.slice(position);
  const more = constraints
    .filter((each) => !each.isExcluded && isPlace(each))
    .flatMap(({ name, phrases = [] }) => [name, ...phrases]);
  for (const { from, to } of spans) {
    const key = words
      .slice(from, to)
      .map(({ stem }) => stem)
      .join(" ");
    if (!excluded.has(from)) more.push(...synonyms.valuesOf(key));
  }
  const lower = kept.toLowerCase();
  const added = more.filter((each) => !lower.includes(each.toLowerCase()));
  return [kept.replace(/\s+/g, " ").trim(), ...new Set(added)].join(" ").trim();
}
