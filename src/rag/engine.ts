import { CancelledError, ServiceError, UsageError } from "../foundation/errors.ts";
import type { Filter } from "../store/filter.ts";
import { adviseOnScope } from "../store/scope-advice.ts";
import type { StoreFallback, VectorStore } from "../store/store.ts";
import type { Exchange, Generator } from "./generator.ts";
import { leftOutAdvice, wantsLeftOut } from "./left-out.ts";
import { sharesTerms } from "./relevance.ts";
import { searchText } from "./search-text.ts";
import { type Source, toSource } from "./source.ts";

/** Which matches of a store count. Scores of different kinds of index do not compare. */
export interface Relevance {
  /** Matches that score less are not relevant. */
  readonly minimumScore?: number;
  /** Whether the store ranks by common words alone; a match then needs some of the question's to count. */
  readonly isLexical?: boolean;
}

export interface RagEngineOptions extends Relevance {
  readonly store: VectorStore;
  /** Tried in this order: the next one answers where one fails. At least one. */
  readonly generators: readonly Generator[];
  /** Matches a question gets. */
  readonly topK: number;
  /** For matches that another store gives in the place of the first. Default: as for the first. */
  readonly fallbackRelevance?: Relevance;
  readonly namespace?: string;
}

export interface RetrieveOptions {
  readonly filter?: Filter;
  readonly topK?: number;
  readonly namespace?: string;
  readonly signal?: AbortSignal;
  /** Called where another store than the first has found the matches. */
  readonly onFallback?: (fallback: StoreFallback) => void;
}

export interface AskOptions extends RetrieveOptions {
  /** Earlier exchanges, oldest first. */
  readonly history?: readonly Exchange[];
}

/** Milliseconds. */
export interface Timings {
  readonly retrieval: number;
  /** From the first request to the generator to its last piece; 0 where none was asked. */
  readonly generation: number;
  readonly total: number;
}

/** What a question comes to (RAG-4). */
export interface Answer {
  readonly question: string;
  readonly text: string;
  readonly sources: readonly Source[];
  /** The store that answered, which a notice explains where it is not the first: `upstash`, `embedded`. */
  readonly store: string;
  /** `ollama llama3.2`, `extractive`; `none` where nothing relevant was found. */
  readonly generator: string;
  /** What did not go as it should have, why nothing was found, what was not heeded; a sentence or two each. */
  readonly notices: readonly string[];
  readonly timings: Timings;
}

/** What happens on the way to an answer, in order: a fallback where there was one, sources, then pieces of text, then the answer. */
export type AnswerEvent =
  /** Another store than the first has found the sources. */
  | { readonly kind: "fallback"; readonly store: string; readonly notice: string }
  | { readonly kind: "sources"; readonly sources: readonly Source[] }
  | { readonly kind: "generator"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  /** A generator failed; what it has written so far is void. */
  | { readonly kind: "notice"; readonly notice: string }
  /** Why nothing was found, or what the search could not heed. */
  | { readonly kind: "advice"; readonly advice: string }
  | { readonly kind: "answer"; readonly answer: Answer };

export const nothingFound = "I found nothing relevant to that in the food data.";

/** Retrieves sources for a question and has an answer written from them alone. */
export class RagEngine {
  readonly #options: RagEngineOptions;

  constructor(options: RagEngineOptions) {
    this.#options = options;
  }

  /**
   * The best sources for a text, best first; none where nothing is relevant.
   *
   * @throws {UsageError} for a blank text
   * @throws {ServiceError} when the store fails
   */
  async retrieve(text: string, options: RetrieveOptions = {}): Promise<Source[]> {
    requireText(text);
    const { store, topK, fallbackRelevance } = this.#options;
    let relevance: Relevance = this.#options;
    const matches = await store.query(
      { text, topK: options.topK ?? topK, ...(options.filter && { filter: options.filter }) },
      {
        namespace: options.namespace ?? this.#options.namespace ?? "",
        ...(options.signal && { signal: options.signal }),
        onFallback: (fallback) => {
          relevance = fallbackRelevance ?? relevance;
          options.onFallback?.(fallback);
        },
      },
    );
    const { minimumScore = Number.NEGATIVE_INFINITY, isLexical = false } = relevance;
    return matches
      .filter((match) => match.score >= minimumScore && (!isLexical || sharesTerms(text, match)))
      .map(toSource);
  }

  /**
   * Why a search with these options can find nothing: a namespace, a field or a value that does not exist,
   * with what may have been meant. Empty where that is not the reason.
   */
  async explainNothing(options: RetrieveOptions = {}): Promise<string[]> {
    const { namespace = this.#options.namespace ?? "", filter, signal } = options;
    try {
      const scope = { namespace, ...(filter && { filter }) };
      return await adviseOnScope(this.#options.store, scope, signal ? { signal } : {});
    } catch (error) {
      // The search itself has been answered; advice on it can be done without.
      if (error instanceof ServiceError) return [];
      throw error;
    }
  }

  /**
   * Answers as it goes: sources first, then the text in pieces. The last event holds the whole.
   *
   * @throws {UsageError} for a blank question
   * @throws {ServiceError} when the store fails, or every generator does
   * @throws {CancelledError} when the signal fires
   */
  async *stream(question: string, options: AskOptions = {}): AsyncGenerator<AnswerEvent> {
    const started = performance.now();
    const history = options.history ?? [];
    requireText(question);
    let { name: store } = this.#options.store;
    const notices: string[] = [];
    const sources = await this.retrieve(searchText(question, history), {
      ...options,
      onFallback: (fallback) => {
        store = fallback.store;
        notices.push(fallbackNotice(fallback));
        options.onFallback?.(fallback);
      },
    });
    const retrieval = performance.now() - started;
    for (const notice of notices) yield { kind: "fallback", store, notice };
    yield { kind: "sources", sources };
    let written = { text: nothingFound, generator: "none" };
    if (sources.length === 0) {
      yield { kind: "text", text: nothingFound };
      for (const advice of await this.explainNothing(options)) {
        notices.push(advice);
        yield { kind: "advice", advice };
      }
    } else {
      written = yield* this.#generate({ question, sources, history, ...options }, notices);
      if (options.filter === undefined && wantsLeftOut(question)) {
        notices.push(leftOutAdvice);
        yield { kind: "advice", advice: leftOutAdvice };
      }
    }
    const total = performance.now() - started;
    const generation = sources.length === 0 ? 0 : total - retrieval;
    const { text, generator } = written;
    yield {
      kind: "answer",
      answer: {
        question,
        text,
        sources,
        store,
        generator,
        notices,
        timings: { retrieval, generation, total },
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

  async *#generate(
    request: {
      question: string;
      sources: readonly Source[];
      history: readonly Exchange[];
      signal?: AbortSignal;
    },
    notices: string[],
  ): AsyncGenerator<AnswerEvent, { text: string; generator: string }> {
    const last = this.#options.generators.at(-1);
    for (const generator of this.#options.generators) {
      let text = "";
      try {
        yield { kind: "generator", name: generator.name };
        for await (const piece of generator.generate(request)) {
          text += piece;
          yield { kind: "text", text: piece };
        }
        return { text, generator: generator.name };
      } catch (error) {
        if (!(error instanceof ServiceError) || generator === last) throw error;
        const notice = [error.message, error.hint].filter((part) => part !== undefined).join(" ");
        notices.push(notice);
        yield { kind: "notice", notice };
      }
    }
    throw new TypeError("A RAG engine needs at least one generator.");
  }
}

function requireText(text: string): void {
  if (text.trim() === "") throw new UsageError("The question is empty.", { hint: "Ask about a food." });
}

/** What a person is told where another store than the first has answered. */
export function fallbackNotice({ store, reason }: StoreFallback): string {
  return `${reason} Answered from the ${store} index, which holds what was last ingested into it.`;
}
