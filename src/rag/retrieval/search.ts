import { tokenize } from "../../embedding/tokenizer.ts";
import type { Match } from "../../store/document.ts";
import { allOf, type Filter } from "../../store/filter.ts";
import type { StoreFallback, StoreServed, VectorStore } from "../../store/store.ts";
import { isAboutFood } from "../catalog/about-food.ts";
import { type Catalog, commonWords } from "../catalog/catalog.ts";
import { textsOfRole } from "../catalog/roles.ts";
import { toSource } from "../source.ts";
import { isApplied } from "../understanding/describe-constraint.ts";
import type { Constraint, QuestionPlan } from "../understanding/plan.ts";
import { feedbackText, withFeedback } from "./feedback.ts";
import { combine } from "./hybrid.ts";
import { meetsByText } from "./meets-by-text.ts";
import { type Overlap, overlapOf, type Relevance, RelevanceGate } from "./relevance.ts";
import { holdsWanted, isSafe } from "./safety.ts";

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

/** What a search has found. */
export interface SearchResult {
  readonly found: readonly Match[];
  /** Of everything that the store returned. */
  readonly scores: ReadonlyMap<string, number>;
  /** Whether the search returned less than it may: nothing that matches is left. */
  readonly isComplete: boolean;
  /** Ids of all that meet the conditions, of a list also those that share no other word with the question. */
  readonly meeting: ReadonlySet<string>;
  /** Ids of those that only may contain what the question wants. */
  readonly uncertain: ReadonlySet<string>;
}

/** Matches that are looked at for each one that is wanted: the relevance gate and the safety check drop some. */
const matchesPerSource = 8;
export const fewestMatches = 40;
/** A list says how many foods there are: most conditions leave fewer than this of a few hundred records. */
const fewestOfList = 100;
const mostMatches = 1_000;

/** Words that the default template puts into every text, to list what a filter leaves. */
const listingText = "food popular type";

/**
 * The matches of a search that are relevant and safe, best first.
 *
 * @param terms stems of which a relevant record holds a share
 */
export async function search(
  plan: QuestionPlan,
  constraints: readonly Constraint[],
  terms: readonly string[],
  options: SearchOptions,
): Promise<SearchResult> {
  return await new Search(plan, constraints, terms, options).run();
}

/** One search: the store is asked up to three times, and each match is judged once. */
class Search {
  readonly #plan: QuestionPlan;
  readonly #constraints: readonly Constraint[];
  readonly #terms: readonly string[];
  readonly #options: SearchOptions;
  readonly #depth: number;
  readonly #filter: Filter | undefined;
  /** Only a list with conditions says how many records meet them. */
  readonly #isCounting: boolean;
  readonly #gate = new RelevanceGate();
  readonly #found = new Map<string, Match>();
  readonly #overlaps = new Map<string, Overlap>();
  readonly #scores = new Map<string, number>();
  readonly #meeting = new Set<string>();
  readonly #uncertain = new Set<string>();
  #isComplete = true;

  constructor(
    plan: QuestionPlan,
    constraints: readonly Constraint[],
    terms: readonly string[],
    options: SearchOptions,
  ) {
    this.#plan = plan;
    this.#constraints = constraints;
    this.#terms = terms;
    this.#options = options;
    const isList = plan.kind === "list";
    const fewest = isList ? fewestOfList : fewestMatches;
    this.#depth = Math.min(mostMatches, Math.max(fewest, options.topK * matchesPerSource));
    this.#filter = this.#filterOf(constraints);
    this.#isCounting = isList && (this.#filter !== undefined || constraints.some(isApplied));
  }

  async run(): Promise<SearchResult> {
    const { searchText } = this.#plan;
    await this.#collect(searchText, this.#filter, this.#terms);
    const isWanted = ({ kind, isExcluded }: Constraint) => kind === "ingredient" && !isExcluded;
    if (this.#constraints.some(isWanted)) {
      // Texts name ingredients that the field leaves out.
      const others = this.#constraints.filter((each) => !isWanted(each));
      await this.#collect(searchText, this.#filterOf(others), this.#terms);
    }
    const best = this.#ranked();
    const result = { scores: this.#scores, uncertain: this.#uncertain };
    if (!this.#isCounting) {
      const meeting = new Set(best.map(({ id }) => id));
      return { ...result, found: best, isComplete: this.#isComplete, meeting };
    }
    const more = await this.#others(best);
    // No words find all records that have a field.
    const isFlag = ({ kind, filter }: Constraint) => kind === "word" && filter !== undefined;
    if (this.#constraints.some(isFlag)) this.#isComplete = false;
    return { ...result, found: [...best, ...more], isComplete: this.#isComplete, meeting: this.#meeting };
  }

  /** Records that meet the conditions and share no other word with the question: in a list, all count. */
  async #others(best: readonly Match[]): Promise<Match[]> {
    const { catalog, topK } = this.#options;
    // A flatbread is bread, whether its text has the word or not.
    const kinds = new Set(
      this.#constraints.flatMap(({ kind, name }) => (kind === "type" ? tokenize(name) : [])),
    );
    const terms = this.#terms.filter((term) => !kinds.has(term));
    if (this.#isComplete || best.length < topK)
      await this.#collect(isAboutFood(catalog) ? listingText : commonWords(catalog), this.#filter, terms);
    return best.length < topK ? [...this.#found.values()].filter((match) => !best.includes(match)) : [];
  }

  /** Asks the store, and keeps the matches that are relevant and meet the conditions. */
  async #collect(text: string, filter: Filter | undefined, terms: readonly string[]): Promise<void> {
    const { catalog, topK } = this.#options;
    const { kind, foods, shown = [] } = this.#plan;
    const { matches: first, relevance } = await this.#query(text, filter);
    const further = relevance.isLexical && kind === "find" ? feedbackText(this.#terms, first, catalog) : "";
    const matches =
      further === "" ? first : withFeedback(first, (await this.#query(further, filter)).matches);
    if (first.length >= this.#depth) this.#isComplete = false;
    for (const match of matches) {
      const isEnough = kind !== "list" && foods.length === 0 && this.#keptCount() >= topK;
      if (isEnough) break;
      if (!this.#scores.has(match.id)) this.#scores.set(match.id, match.score);
      if (!this.#found.has(match.id) && !shown.includes(match.id)) this.#judge(match, relevance, terms);
    }
    for (const [id, overlap] of this.#overlaps) if (!this.#gate.keeps(overlap)) this.#found.delete(id);
  }

  #judge(match: Match, relevance: Relevance, terms: readonly string[]): void {
    const { catalog } = this.#options;
    const isFar = match.score < (relevance.minimumScore ?? Number.NEGATIVE_INFINITY);
    const overlap = overlapOf(relevance.isLexical ? terms : [], match, catalog);
    const isRelevant = !isFar && this.#gate.admits(overlap);
    if (!isRelevant && !this.#isCounting) return;
    const source = toSource(match, 0);
    const held = holdsWanted(source, this.#constraints);
    if (held === "no" || !isSafe(source, this.#constraints)) return;
    if (!meetsByText(source, this.#constraints, catalog)) return;
    if (held === "maybe") this.#uncertain.add(match.id);
    if (this.#isCounting) this.#meeting.add(match.id);
    if (!isRelevant) return;
    this.#found.set(match.id, match);
    this.#overlaps.set(match.id, overlap);
  }

  /** The gate may drop what it admitted before it saw a better match. */
  #keptCount(): number {
    let count = 0;
    for (const id of this.#found.keys()) if (this.#gate.keeps(this.#overlaps.get(id) as Overlap)) count++;
    return count;
  }

  /** Best first; foods that are mainly ingredients, and those that only may contain what is wanted, come last. */
  #ranked(): Match[] {
    const dishesFirst = wantsDishes(this.#plan);
    const isLast = (match: Match) =>
      2 * Number(this.#uncertain.has(match.id)) + Number(dishesFirst && isIngredientOnly(match));
    return [...this.#found.values()]
      .sort((left, right) => right.score - left.score)
      .sort((left, right) => isLast(left) - isLast(right));
  }

  async #query(
    text: string,
    filter: Filter | undefined,
  ): Promise<{ matches: Match[]; relevance: Relevance }> {
    const { store, namespace, signal, onServed, onFallback, fallbackRelevance } = this.#options;
    let { relevance } = this.#options;
    const { denseWeight } = relevance;
    const ask = (part?: "dense" | "sparse") =>
      store.query(
        { text, topK: this.#depth, ...(filter && { filter }), ...(part && { part }) },
        {
          namespace,
          signal,
          ...(onServed && { onServed }),
          onFallback: (fallback) => {
            relevance = fallbackRelevance;
            onFallback?.(fallback);
          },
        },
      );
    if (denseWeight === undefined) return { matches: await ask(), relevance };
    const sparse = await ask("sparse");
    const matches = denseWeight === 0 ? sparse : combine(sparse, await ask("dense"), denseWeight);
    return { matches, relevance };
  }

  #filterOf(constraints: readonly Constraint[]): Filter | undefined {
    return allOf([this.#options.filter, ...constraints.map((constraint) => constraint.filter)]);
  }
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
