import { generalType, unknownRegion } from "../foods/food.ts";
import { CancelledError, ServiceError, UsageError } from "../foundation/errors.ts";
import { oncePer } from "../foundation/once-per.ts";
import { inSpan, noSpans, type StartSpan, streamInSpan } from "../foundation/spans.ts";
import { type Filter, readFilter } from "../store/filter.ts";
import { adviseOnScope } from "../store/scope-advice.ts";
import type { StoreFallback, StoreServed, VectorStore } from "../store/store.ts";
import type { Answer, AnswerEvent } from "./answer.ts";
import type { Catalog } from "./catalog/catalog.ts";
import { Catalogs } from "./catalog/catalogs.ts";
import { declinedText, languageNotice } from "./declined.ts";
import { exclusionNotice } from "./exclusion.ts";
import { ExtractiveGenerator } from "./extractive-generator.ts";
import type { Exchange, Generator, RequestPart } from "./generator.ts";
import { requireRequest } from "./require-request.ts";
import { joinRetrievals } from "./retrieval/join-retrievals.ts";
import type { Relevance } from "./retrieval/relevance.ts";
import { type Retrieval, retrieve } from "./retrieval/retriever.ts";
import type { Source } from "./source.ts";
import { chosenConstraints } from "./understanding/chosen.ts";
import { summarizePlan, understoodLines } from "./understanding/describe.ts";
import { withAvoided } from "./understanding/follow-up.ts";
import { IgnoredParts, keysOf } from "./understanding/ignored.ts";
import { Lexicon } from "./understanding/lexicon.ts";
import { joinPlans, type QuestionPlans, understandParts } from "./understanding/parts.ts";
import { literalPlan, type QuestionPlan } from "./understanding/plan.ts";
import { unmentioned } from "./understanding/unmentioned.ts";
import { readVocabulary } from "./vocabulary/vocabulary.ts";
import { type Written, writeAnswer } from "./write-answer.ts";

export interface RagEngineOptions extends Relevance {
  readonly store: VectorStore;
  /** Tried in this order until one answers. At least one. */
  readonly generators: readonly Generator[];
  /** Matches a question gets. */
  readonly topK: number;
  /** For matches from the secondary store. Default: as for the primary. */
  readonly fallbackRelevance?: Relevance;
  readonly namespace?: string;
  /** What the analysis of questions knows about the data. Default: read from the store, and kept in memory. */
  readonly catalogs?: Catalogs;
  /** Notices go to readers who must not learn addresses and settings, which errors name. Default false. */
  readonly hidesFaults?: boolean;
  /** Traces the phases of an answer. Default: no traces. */
  readonly startSpan?: StartSpan;
}

export interface RetrieveOptions {
  /** An expression, or text in the filter language: `height > 60 AND active = true`. A blank text is no filter. */
  readonly filter?: Filter | string | undefined;
  readonly topK?: number | undefined;
  readonly namespace?: string | undefined;
  /** Searches for the unchanged question: no correction, no filter, no named food. */
  readonly literal?: boolean | undefined;
  /** Understood parts to ignore, by their keys in `PlanSummary`: `diet:vegan`, `excluded:nuts`, `food:biryani`. */
  readonly ignore?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when another store than the first has found the matches. */
  readonly onFallback?: (fallback: StoreFallback) => void;
  /** Called with the store that has found the matches, if there are two. */
  readonly onServed?: (served: StoreServed) => void;
}

/** What was found for a text, and what the text was understood as. */
export interface Finding {
  /** Best first; of a question that consists of several, those of each in turn. */
  readonly sources: readonly Source[];
  readonly plan: QuestionPlan;
  /** The name of the store that answered: of two, not always the one that leads. */
  readonly store: string;
  /** The questions that the text consists of; one, usually. */
  readonly parts: readonly RequestPart[];
  /** What was applied, corrected, given up or not checked; a sentence each. */
  readonly understood: readonly string[];
  /** Milliseconds until the text was understood. */
  readonly understandingMs: number;
}

export interface AskOptions extends RetrieveOptions {
  /** Earlier exchanges, oldest first. */
  readonly history?: readonly Exchange[] | undefined;
}

export { nothingFound } from "./declined.ts";

/** Retrieves sources for a question and generates an answer only from them. */
export class RagEngine {
  readonly #options: RagEngineOptions;
  readonly #catalogs: Catalogs;
  readonly #lexiconOf = oncePer((catalog: Catalog) => new Lexicon(catalog, readVocabulary()));
  readonly #startSpan: StartSpan;

  constructor(options: RagEngineOptions) {
    this.#options = options;
    this.#startSpan = options.startSpan ?? noSpans;
    this.#catalogs = options.catalogs ?? new Catalogs({ store: options.store });
  }

  /**
   * The best sources for a text, best first; empty if nothing is relevant.
   *
   * @throws {UsageError} for a blank text, a `filter` of another type, or a key in `ignore` that no part has
   * @throws {FilterSyntaxError} for an invalid `filter`
   * @throws {ServiceError} when the store fails
   */
  async retrieve(text: string, options: AskOptions = {}): Promise<readonly Source[]> {
    return (await this.find(text, options)).sources;
  }

  /**
   * Understands a text and finds the sources for it.
   *
   * @throws {UsageError} for a blank text, a `filter` of another type, or a key in `ignore` that no part has
   * @throws {FilterSyntaxError} for an invalid `filter`
   * @throws {ServiceError} when the store fails
   */
  async find(text: string, options: AskOptions = {}): Promise<Finding> {
    requireRequest(text, options);
    const { store, topK, fallbackRelevance } = this.#options;
    const { literal = false, signal, onFallback, onServed } = options;
    const filter = filterOf(options);
    let { name: answeredBy } = store;
    const namespace = this.#namespaceOf(options);
    const started = performance.now();
    const { catalog, plans } = await inSpan(this.#startSpan("understand"), async () => {
      const known = await this.catalog(options);
      const own = literal ? ([literalPlan(text)] as const) : this.#understand(text, options, known);
      return { catalog: known, plans: own };
    });
    const understandingMs = performance.now() - started;
    const retrievals = await inSpan(this.#startSpan("retrieve"), async (span) => {
      const search = {
        store,
        catalog,
        topK: options.topK ?? topK,
        namespace,
        relevance: this.#options,
        fallbackRelevance: fallbackRelevance ?? this.#options,
        ...(filter && { filter }),
        signal,
        onFallback: (fallback: StoreFallback) => {
          answeredBy = fallback.store;
          onFallback?.(fallback);
        },
        onServed: (served: StoreServed) => {
          answeredBy = served.store;
          onServed?.(served);
        },
      };
      const found: Retrieval[] = [];
      for (const plan of plans) found.push(await retrieve(plan, search));
      span.set({ "ragfood.sources": found.reduce((sum, { sources }) => sum + sources.length, 0) });
      return found;
    });
    const searched = plans.map((plan, place) => {
      const retrieval = retrievals[place] as Retrieval;
      const isFound = retrieval.sources.length > 0 && !literal;
      return searchedPlan(plan, retrieval, isFound ? unmentioned(plan, this.#lexiconOf(catalog)) : []);
    });
    return {
      ...joinRetrievals(searched, retrievals, (plan) => declinedText(plan, catalog)),
      plan: joinPlans(text, searched as [QuestionPlan, ...QuestionPlan[]]),
      store: answeredBy,
      understood: [...new Set(searched.flatMap(understoodLines))],
      understandingMs,
    };
  }

  /**
   * What the data of a namespace is about: its fields with their values, and the names of its foods. Kept in memory;
   * empty if the store cannot be read.
   */
  async catalog(options: Pick<RetrieveOptions, "namespace" | "signal"> = {}): Promise<Catalog> {
    const { signal } = options;
    return await this.#catalogs.get(this.#namespaceOf(options), { signal });
  }

  /** Reads what the data of a namespace is about again, after an ingest. */
  async learn(options: Pick<RetrieveOptions, "namespace" | "signal"> = {}): Promise<void> {
    const { signal } = options;
    await this.#catalogs.refresh(this.#namespaceOf(options), { signal });
  }

  #namespaceOf({ namespace }: Pick<RetrieveOptions, "namespace">): string {
    return namespace ?? this.#options.namespace ?? "";
  }

  #understand(text: string, options: AskOptions, catalog: Catalog): QuestionPlans {
    const { history = [], ignore } = options;
    const lexicon = this.#lexiconOf(catalog);
    const ignored = new IgnoredParts(ignore);
    const filter = filterOf(options);
    const chosen = filter === undefined ? [] : chosenConstraints(filter, lexicon, ignored);
    const [first, ...rest] = understandParts(text, history, lexicon, ignored);
    const withChosen = (plan: QuestionPlan) => withAvoided(plan, chosen, lexicon);
    const plans: QuestionPlans = [withChosen(first), ...rest.map(withChosen)];
    // Without the data, nothing is known about its foods.
    if (ignored.unused.length > 0 && catalog.recordCount > 0) {
      requireParts(ignored.unused, joinPlans(text, understandParts(text, history, lexicon)));
    }
    return plans;
  }

  /**
   * Why a search with these options can find nothing: a namespace, a field or a value that does not exist,
   * with what may have been meant. Empty where that is not the reason.
   */
  async explainNothing(options: RetrieveOptions = {}): Promise<string[]> {
    const { namespace = this.#options.namespace ?? "", signal } = options;
    const filter = filterOf(options);
    try {
      const scope = { namespace, placeholders: [unknownRegion, generalType], ...(filter && { filter }) };
      return await adviseOnScope(this.#options.store, scope, { signal });
    } catch (error) {
      // The search itself has been answered; advice on it can be done without.
      if (error instanceof ServiceError) return [];
      throw error;
    }
  }

  /**
   * Streams the answer: sources first, then pieces of text. The last event has the complete answer.
   *
   * @throws {UsageError} for a blank question, a `filter` of another type, or a key in `ignore` that no part has
   * @throws {FilterSyntaxError} for an invalid `filter`
   * @throws {ServiceError} when the store fails, or every generator does
   * @throws {CancelledError} when the signal fires
   */
  stream(question: string, options: AskOptions = {}): AsyncGenerator<AnswerEvent> {
    return streamInSpan(this.#startSpan("ask"), this.#answer(question, options));
  }

  /** Explains to a person that another store than the first has answered. */
  fallbackNotice({ store, reason, publicReason, isKeptInStep }: StoreFallback): string {
    const holds = isKeptInStep ? "" : ", which holds what was last ingested into it";
    const said = this.#options.hidesFaults ? (publicReason ?? reason) : reason;
    return `${said} Answered from the ${store} index${holds}.`;
  }

  async *#answer(question: string, options: AskOptions): AsyncGenerator<AnswerEvent> {
    const started = performance.now();
    const history = options.history ?? [];
    const { generators } = this.#options;
    requireRequest(question, options);
    const notices: string[] = [];
    const finding = await this.find(question, {
      ...options,
      onFallback: (fallback) => {
        const notice = this.fallbackNotice(fallback);
        if (!notices.includes(notice)) notices.push(notice);
        options.onFallback?.(fallback);
      },
    });
    const { sources, plan, parts, store, understood } = finding;
    const found = performance.now() - started;
    for (const notice of notices) yield { kind: "fallback", store, notice };
    yield { kind: "sources", sources, plan, understood };
    let written: Written;
    let advices: readonly (string | undefined)[];
    if (sources.length === 0) {
      const text = declinedText(plan, await this.catalog(options));
      written = { text, generator: "none" };
      yield { kind: "text", text };
      advices = await this.explainNothing(options);
    } else {
      const request = { ...options, question, sources, history, plan, parts };
      written = yield* writeAnswer(request, {
        // The reasons are known: a model could only guess at them.
        generators: plan.asksWhy ? [new ExtractiveGenerator()] : generators,
        startSpan: this.#startSpan,
        notices,
        hidesFaults: this.#options.hidesFaults ?? false,
      });
      advices = [
        plan.language && languageNotice(plan.language),
        ...(filterOf(options) ? [] : parts.map((part) => exclusionNotice(part.plan, options.ignore))),
      ];
    }
    for (const advice of new Set(advices)) {
      if (advice === undefined) continue;
      notices.push(advice);
      yield { kind: "advice", advice };
    }
    const total = performance.now() - started;
    const generation = sources.length === 0 ? 0 : total - found;
    const understanding = finding.understandingMs;
    const { text, generator, alternative, tokens } = written;
    yield {
      kind: "answer",
      answer: {
        question,
        text,
        sources,
        plan: summarizePlan(plan),
        understood,
        store,
        generator,
        ...(alternative !== undefined && { alternative }),
        ...(tokens && { tokens }),
        notices,
        timings: { understanding, retrieval: found - understanding, generation, total },
      },
    };
  }

  /** As `stream`, all at once. */
  async ask(question: string, options: AskOptions = {}): Promise<Answer> {
    for await (const event of this.stream(question, options)) {
      if (event.kind === "answer") return event.answer;
    }
    throw new CancelledError();
  }
}

/** A plan with what its search had to do without, and with the words that no record has. */
function searchedPlan(plan: QuestionPlan, { dropped }: Retrieval, missing: readonly string[]): QuestionPlan {
  return {
    ...plan,
    constraints: plan.constraints.map((each) =>
      // Of a conversation it may be a condition that the answer before had to drop.
      dropped.includes(each) === (each.isDropped ?? false) ? each : { ...each, isDropped: !each.isDropped },
    ),
    ...((missing.length > 0 || plan.unmentioned) && { unmentioned: missing }),
  };
}

/**
 * A part that is ignored may take others with it, so that the whole question is what counts.
 * @throws {UsageError} if the question has no such part: the caller would take it for ignored
 */
function requireParts(keys: readonly string[], whole: QuestionPlan): void {
  const parts = keysOf(whole);
  const unknown = keys.filter((key) => !parts.includes(key));
  if (unknown.length === 0) return;
  const named = unknown.map((key) => JSON.stringify(key)).join(", ");
  throw new UsageError(
    `The question has no part to ignore with the ${unknown.length === 1 ? "key" : "keys"} ${named}.`,
    {
      hint:
        parts.length === 0
          ? "Nothing of it was understood as a condition, a food or a misspelled word."
          : `Its parts are ${parts.join(", ")}.`,
    },
  );
}

function filterOf({ filter }: RetrieveOptions): Filter | undefined {
  return filter === undefined ? undefined : readFilter(filter);
}
