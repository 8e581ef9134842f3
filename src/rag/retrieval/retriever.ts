import { tokenize } from "../../embedding/tokenizer.ts";
import type { Match } from "../../store/document.ts";
import { allOf, filterPredicate } from "../../store/filter.ts";
import { nameOf } from "../record/facts.ts";
import { type Source, toSource } from "../source.ts";
import { isPlace, isReadFromText } from "../understanding/describe-constraint.ts";
import type { Constraint, QuestionPlan } from "../understanding/plan.ts";
import { meetsByText } from "./meets-by-text.ts";
import { explained } from "./reasons.ts";
import { isSafe, isSafetyConstraint } from "./safety.ts";
import { fewestMatches, type SearchOptions, type SearchResult, search } from "./search.ts";

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

interface Found extends SearchResult {
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
  const isSelected = plan.constraints.some(
    (each) => isReadFromText(each) || (!each.isExcluded && each.filter && !isPlace(each)),
  );
  const selected = isSelected ? await search(plan, plan.constraints, [], options) : { found, ...rest };
  return { ...selected, scores: first.scores, dropped: [] };
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
