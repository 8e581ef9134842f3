import { tokenize } from "../../embedding/tokenizer.ts";
import type { Match } from "../../store/document.ts";
import { allOf, type Filter, filterPredicate } from "../../store/filter.ts";
import type { StoreFallback, StoreServed, VectorStore } from "../../store/store.ts";
import { isAboutFood } from "../catalog/about-food.ts";
import { type Catalog, commonWords } from "../catalog/catalog.ts";
import { textsOfRole } from "../catalog/roles.ts";
import { nameOf } from "../record/facts.ts";
import { mentionsPhrase } from "../record/mentions.ts";
import { isLowIn, isSourceOf } from "../record/nutrients.ts";
import { type Source, toSource } from "../source.ts";
import { isApplied, isPlace, isReadFromText } from "../understanding/describe-constraint.ts";
import type { Constraint, QuestionPlan } from "../understanding/plan.ts";
import { phraseTable } from "../vocabulary/phrases.ts";
import { nutrientNamed } from "../vocabulary/vocabulary.ts";
import { readWords } from "../vocabulary/words.ts";
import { feedbackText, withFeedback } from "./feedback.ts";
import { combine } from "./hybrid.ts";
import { explained } from "./reasons.ts";
import { type Overlap, overlapOf, type Relevance, RelevanceGate } from "./relevance.ts";
import { holdsWanted, isSafe, isSafetyConstraint } from "./safety.ts";

export interface SearchOptions {
  readonly store: VectorStore;
  readonly catalog: Catalog;
  readonly topK: number;
  readonly namespace: string;
  readonly relevance: Relevance;
  /** For matches from the secondary store. */
  readonly fallbackRelevance: Relevance;
  /** The caller's own filter. */
  readonly filter?: Filter;
  readonly signal?: AbortSignal | undefined;
  readonly onFallback?: (fallback: StoreFallback) => void;
  readonly onServed?: (served: StoreServed) => void;
}

/** How many records meet a question's conditions; without a condition, how many are relevant. */
export interface MatchCount {
  /** Among the records that were looked at; never fewer because of words that are no condition. */
  readonly count: number;
  /** Further ones that only may contain what the question wants. */
  readonly uncertainCount?: number;
  /** Whether all of the index was looked at: otherwise there may be more. */
  readonly isComplete: boolean;
}

/** What was found for a plan. */
export interface Retrieval {
  /** Best first; records of named foods before all others. */
  readonly sources: readonly Source[];
  readonly matchCount: MatchCount;
  /** Constraints that were given up because no record meets them together with the rest. */
  readonly dropped: readonly Constraint[];
}

/** Matches that are looked at for each one that is wanted: the relevance gate and the safety check drop some. */
const matchesPerSource = 8;
const fewestMatches = 40;
/** A list says how many foods there are: most conditions leave fewer than this of a few hundred records. */
const fewestOfList = 100;
const mostMatches = 1_000;

/** Records of each named food. */
const recordsPerFood = 2;
const mostNamed = 6;

/** Records that a superlative reads at once, and how often. */
const batchSize = 50;
const mostBatches = 20;

/** Constraints that are given up, in this order, if nothing meets them together with the rest. */
const droppable: readonly Constraint["kind"][] = ["type", "meal", "season", "occasion", "ingredient"];
/** `Are there nuts in Thai desserts?`: foods without nuts are no answer. */
const asksIfThereAre = /^\W*(?:is|are|do|does)\b/i;

/** Words that the default template puts into every text, to list what a filter leaves. */
const listingText = "food popular type";

/** Finds the sources for a plan in a store. */
export async function retrieve(plan: QuestionPlan, given: SearchOptions): Promise<Retrieval> {
  const options = plan.wanted === undefined ? given : { ...given, topK: plan.wanted };
  if (plan.kind === "outside" || plan.kind === "about") {
    return { sources: [], matchCount: { count: 0, isComplete: true }, dropped: [] };
  }
  const named = await fetchNamed(plan, options);
  if (plan.kind === "superlative") {
    const ranked = await fetchRanked(plan, options);
    const sources = explained(ranked, plan, options);
    const matchCount = { count: ranked.length, isComplete: ranked.length < options.topK };
    return { sources, matchCount, dropped: [] };
  }
  const { found, scores, dropped, isComplete, uncertain, meeting } = await searchRelaxed(plan, options);
  const namedIds = new Set(named.map(({ id }) => id));
  const own = await scored(named, scores, options);
  const others = found.filter(({ id }) => !namedIds.has(id));
  const counted = [...meeting].filter((id) => !namedIds.has(id));
  const uncertainCount = counted.filter((id) => uncertain.has(id)).length;
  const wanted = Math.max(options.topK, own.length);
  return {
    sources: explained([...own, ...others].slice(0, wanted), plan, { ...options, namedIds, dropped }),
    matchCount: {
      count: own.length + counted.length - uncertainCount,
      uncertainCount,
      isComplete,
    },
    dropped,
  };
}

/** The records of named foods with their scores; of those that the question's words did not find, by their names. */
async function scored(
  named: readonly Match[],
  scores: ReadonlyMap<string, number>,
  { store, namespace, signal }: SearchOptions,
): Promise<Match[]> {
  const own: Match[] = [];
  for (const match of named) {
    let score = scores.get(match.id);
    if (score === undefined) {
      const query = { text: nameOf(toSource(match, 0)), topK: fewestMatches };
      const found = await store.query(query, { namespace, signal });
      score = found.find(({ id }) => id === match.id)?.score ?? 0;
    }
    own.push({ ...match, score });
  }
  return own;
}

interface Found {
  readonly found: readonly Match[];
  /** Of everything that the store returned. */
  readonly scores: ReadonlyMap<string, number>;
  /** Whether the search returned less than it may: nothing that matches is left. */
  readonly isComplete: boolean;
  /** Ids of all that meet the conditions, of a list also those that share no other word with the question. */
  readonly meeting: ReadonlySet<string>;
  /** Ids of those that only may contain what the question wants. */
  readonly uncertain: ReadonlySet<string>;
  readonly dropped: readonly Constraint[];
}

/**
 * Searches with all constraints; if no relevant record meets them, without those that only describe a food, one kind
 * after another. What keeps a person safe is never given up.
 */
async function searchRelaxed(plan: QuestionPlan, options: SearchOptions): Promise<Found> {
  let { constraints } = plan;
  const dropped: Constraint[] = [];
  const first = await search(plan, constraints, plan.terms, options);
  let { found, ...rest } = first;
  // Other words than its conditions are no reason to give up what a guest asks for.
  const isMet = plan.kind === "list" && constraints.some(isSafetyConstraint) && first.meeting.size > 0;
  for (const kind of droppable) {
    if (found.length > 0 || isMet) break;
    const given = constraints.filter((each) => each.kind === kind && !each.isExcluded && each.filter);
    if (given.length === 0 || (kind === "ingredient" && asksIfThereAre.test(plan.question))) continue;
    const named = new Set(given.flatMap(({ name }) => tokenize(name)));
    // Without its type nothing is left of `French cheese`: an answer with other foods would miss the question.
    const isNarrow =
      plan.superlative !== undefined ||
      plan.asked.facts.includes("safety") ||
      constraints.some(isReadFromText);
    if (kind === "type" && (isNarrow || plan.terms.every((term) => named.has(term)))) continue;
    constraints = constraints.filter((each) => !given.includes(each));
    dropped.push(...given);
    const terms = [...new Set([...plan.terms, ...dropped.flatMap(({ name }) => tokenize(name))])];
    ({ found, ...rest } = await search(plan, constraints, terms, options));
  }
  if (found.length > 0) return { found, ...rest, scores: first.scores, dropped };
  // Records that meet the constraints, even if they share no other word with the question.
  const isSelected = plan.constraints.some((each) => !each.isExcluded && each.filter && !isPlace(each));
  const selected = isSelected ? await search(plan, plan.constraints, [], options) : { found, ...rest };
  return { ...selected, scores: first.scores, dropped: [] };
}

/**
 * The matches of a search that are relevant and safe, best first.
 *
 * @param terms stems of which a relevant record holds a share
 */
async function search(
  plan: QuestionPlan,
  constraints: readonly Constraint[],
  terms: readonly string[],
  options: SearchOptions,
): Promise<Omit<Found, "dropped">> {
  const { store, catalog, topK, namespace, signal } = options;
  const fewest = plan.kind === "list" ? fewestOfList : fewestMatches;
  const depth = Math.min(mostMatches, Math.max(fewest, topK * matchesPerSource));
  const scores = new Map<string, number>();
  const uncertain = new Set<string>();
  const meeting = new Set<string>();
  const found = new Map<string, Match>();
  const shown = new Set(plan.shown);
  let isComplete = true;
  const overlaps = new Map<string, Overlap>();
  const gate = new RelevanceGate();
  // The gate may drop what it admitted before it saw a better match.
  const keptCount = () => [...found.keys()].filter((id) => gate.keeps(overlaps.get(id) as Overlap)).length;
  const query = async (text: string, filter: Filter | undefined) => {
    let { relevance } = options;
    const ask = (part?: "dense" | "sparse") =>
      store.query(
        { text, topK: depth, ...(filter && { filter }), ...(part && { part }) },
        {
          namespace,
          signal,
          ...(options.onServed && { onServed: options.onServed }),
          onFallback: (fallback) => {
            relevance = options.fallbackRelevance;
            options.onFallback?.(fallback);
          },
        },
      );
    const { denseWeight } = options.relevance;
    if (denseWeight === undefined) return { matches: await ask(), relevance };
    const sparse = await ask("sparse");
    const matches = denseWeight === 0 ? sparse : combine(sparse, await ask("dense"), denseWeight);
    return { matches, relevance };
  };
  const run = async (text: string, filter: Filter | undefined, words = terms) => {
    const { matches: first, relevance } = await query(text, filter);
    const further = relevance.isLexical && plan.kind === "find" ? feedbackText(terms, first, catalog) : "";
    const matches = further === "" ? first : withFeedback(first, (await query(further, filter)).matches);
    if (first.length >= depth) isComplete = false;
    for (const match of matches) {
      // Only a list says how many there are.
      const isEnough = plan.kind !== "list" && plan.foods.length === 0 && keptCount() >= topK;
      if (isEnough) break;
      if (!scores.has(match.id)) scores.set(match.id, match.score);
      if (found.has(match.id) || shown.has(match.id)) continue;
      const isFar = match.score < (relevance.minimumScore ?? Number.NEGATIVE_INFINITY);
      const overlap = overlapOf(relevance.isLexical ? words : [], match, catalog);
      const isRelevant = !isFar && gate.admits(overlap);
      if (!isRelevant && !isCounting) continue;
      const source = toSource(match, 0);
      const hold = holdsWanted(source, constraints);
      if (hold === "no" || !isSafe(source, constraints)) continue;
      if (!mentionsPlaces(source, constraints) || !meetsByText(source, constraints, catalog)) continue;
      if (hold === "maybe") uncertain.add(match.id);
      if (isCounting) meeting.add(match.id);
      if (!isRelevant) continue;
      found.set(match.id, match);
      overlaps.set(match.id, overlap);
    }
    for (const [id, overlap] of overlaps) if (!gate.keeps(overlap)) found.delete(id);
  };
  const filterOf = (each: readonly Constraint[]) =>
    allOf([options.filter, ...each.map((constraint) => constraint.filter)]);
  const filter = filterOf(constraints);
  const isCounting = plan.kind === "list" && (filter !== undefined || constraints.some(isApplied));
  await run(plan.searchText, filter);
  const isWanted = ({ kind, isExcluded }: Constraint) => kind === "ingredient" && !isExcluded;
  if (constraints.some(isWanted)) {
    // Texts name ingredients that the field leaves out.
    await run(plan.searchText, filterOf(constraints.filter((each) => !isWanted(each))));
  }
  const best = [...found.values()].sort((left, right) => right.score - left.score);
  const putLast = (isLast: (match: Match) => boolean) =>
    best.sort((left, right) => Number(isLast(left)) - Number(isLast(right)));
  if (wantsDishes(plan)) putLast(isIngredientOnly);
  putLast(({ id }) => uncertain.has(id));
  if (!isCounting) {
    const relevant = new Set(best.map(({ id }) => id));
    return { found: best, scores, isComplete, uncertain, meeting: relevant };
  }
  // What the question only describes by conditions shares no word with some records that meet them: all count.
  // A flatbread is bread, whether its text has the word or not.
  const kinds = new Set(constraints.flatMap(({ kind, name }) => (kind === "type" ? tokenize(name) : [])));
  const others = terms.filter((term) => !kinds.has(term));
  if (isComplete || best.length < topK)
    await run(isAboutFood(catalog) ? listingText : commonWords(catalog), filter, others);
  const more = best.length < topK ? [...found.values()].filter((match) => !best.includes(match)) : [];
  return { found: [...best, ...more], scores, isComplete, uncertain, meeting };
}

/** What people eat in a place, or for a feast, is dishes before their ingredients. */
function wantsDishes({ kind, constraints, question }: QuestionPlan): boolean {
  const isMade = /\b(?:make|cook|bake|prepare)\b/i.test(question);
  const names = constraints.some((each) => each.kind === "type" || (each.kind === "ingredient" && !isMade));
  return kind === "list" && !names;
}

function isIngredientOnly({ metadata = {} }: Match): boolean {
  const meals = textsOfRole(metadata, "meal");
  return meals?.includes("ingredient") === true && meals.every((meal) => /^(?:ingredient|side)$/.test(meal));
}

/** Whether a text names the places that no field can check. */
function mentionsPlaces({ text }: Source, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ phrases }) => {
    if (phrases === undefined) return true;
    return phraseTable(phrases).isIn(readWords(text));
  });
}

/** Whether the words of a record meet the conditions that no field holds. */
function meetsByText(source: Source, constraints: readonly Constraint[], catalog: Catalog): boolean {
  return constraints.every(({ kind, name, isExcluded }) => {
    if (kind === "word") return mentionsPhrase(source, name, catalog) !== isExcluded;
    const nutrient = kind === "nutrient" && nutrientNamed(name);
    return !nutrient || (isExcluded ? isLowIn : isSourceOf)(source, nutrient);
  });
}

/** The records of the foods that the question names. */
async function fetchNamed(plan: QuestionPlan, options: SearchOptions): Promise<Match[]> {
  const ids = [...new Set(plan.foods.flatMap(({ ids: each }) => each.slice(0, recordsPerFood)))].slice(
    0,
    mostNamed,
  );
  if (ids.length === 0) return [];
  const records = await fetchAll(ids, options);
  const accepts = options.filter ? filterPredicate(options.filter) : () => true;
  return records.filter(({ metadata }) => accepts(metadata));
}

async function fetchAll(ids: readonly string[], options: SearchOptions): Promise<Match[]> {
  const { store, namespace, signal, onFallback, onServed } = options;
  const records = await store.fetch(ids, {
    namespace,
    signal,
    ...(onFallback && { onFallback }),
    ...(onServed && { onServed }),
  });
  return records.flatMap((record) => (record ? [{ ...record, score: 0 }] : []));
}

/** The records with the most or the least of something among those that meet the constraints; their score is the figure. */
async function fetchRanked(
  { superlative, constraints, shown = [] }: QuestionPlan,
  options: SearchOptions,
): Promise<Match[]> {
  const sign = superlative?.direction === "least" ? 1 : -1;
  const [, values = []] = options.catalog.numbers.find(([field]) => field === superlative?.field) ?? [];
  const ranked = [...values].sort((left, right) => sign * (left[1] - right[1]));
  const figures = new Map(ranked);
  const filter = allOf([options.filter, ...constraints.map((constraint) => constraint.filter)]);
  const accepts = filter ? filterPredicate(filter) : () => true;
  const safety = constraints.filter(isSafetyConstraint);
  const found: Match[] = [];
  for (let batch = 0; batch < mostBatches && found.length < options.topK; batch++) {
    const batchIds = ranked.slice(batch * batchSize, (batch + 1) * batchSize).map(([id]) => id);
    const ids = batchIds.filter((id) => !shown.includes(id));
    if (batchIds.length === 0) break;
    for (const match of await fetchAll(ids, options)) {
      const source = toSource(match, 0);
      if (!accepts(match.metadata) || !isSafe(source, safety)) continue;
      if (!meetsByText(source, constraints, options.catalog)) continue;
      found.push({ ...match, score: figures.get(match.id) ?? 0 });
    }
  }
  return found.slice(0, options.topK);
}
