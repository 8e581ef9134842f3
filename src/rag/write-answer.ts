import { ServiceError } from "../foundation/errors.ts";
import { type StartSpan, streamInSpan } from "../foundation/spans.ts";
import type { AnswerEvent } from "./answer.ts";
import { ExtractiveGenerator } from "./extractive-generator.ts";
import type { GenerationRequest, Generator, TokenCounts } from "./generator.ts";
import { checkAnswer } from "./model/check-answer.ts";

export interface Written {
  readonly text: string;
  readonly generator: string;
  readonly alternative?: string;
  readonly tokens?: TokenCounts;
}

interface Writing {
  /** Tried in this order until one answers. At least one. */
  readonly generators: readonly Generator[];
  readonly startSpan: StartSpan;
  readonly notices: string[];
  /** A notice does not say how a generator failed. */
  readonly hidesFaults: boolean;
}

/** Characters of an answer: far more than a person reads, and less than a model that does not end writes. */
const longestAnswer = 32_000;

/** A function: the first formatted number takes more than 10 ms, which most commands need not wait for. */
function cutAdvice(): string {
  return `The model wrote more than ${longestAnswer.toLocaleString("en")} characters; the rest was cut.`;
}

/**
 * Streams the text of the first generator that answers. What a person should know is added to `notices`.
 *
 * @throws {ServiceError} when every generator fails
 */
export async function* writeAnswer(
  request: GenerationRequest,
  { generators, startSpan, notices, hidesFaults }: Writing,
): AsyncGenerator<AnswerEvent, Written> {
  const last = generators.at(-1);
  for (const generator of generators) {
    const end = new AbortController();
    const signal = generator.isModel ? signalOf(request.signal, end.signal) : request.signal;
    let text = "";
    let isComplete = false;
    const said: string[] = [];
    try {
      yield { kind: "generator", name: generator.name };
      let tokens: TokenCounts | undefined;
      const pieces = generator.generate({
        ...request,
        ...(signal && { signal }),
        onNotice: (notice) => said.push(notice),
        onTokens: (counts) => {
          tokens = counts;
        },
      });
      const span = startSpan("generate", { "ragfood.generator": generator.name });
      for await (const piece of streamInSpan(span, pieces)) {
        const taken = piece.slice(0, longestAnswer - text.length);
        text += taken;
        yield { kind: "text", text: taken };
        if (taken.length === piece.length) continue;
        const advice = cutAdvice();
        notices.push(advice);
        yield { kind: "advice", advice };
        break;
      }
      isComplete = text.length < longestAnswer;
      for (const advice of said) {
        notices.push(advice);
        yield { kind: "advice", advice };
      }
      const own = { text, generator: generator.name };
      const checked = generator.isModel ? yield* check(own, request, notices) : own;
      return tokens === undefined ? checked : { ...checked, tokens };
    } catch (error) {
      if (!(error instanceof ServiceError) || generator === last) throw error;
      const notice = hidesFaults ? "The language model does not answer." : described(error);
      notices.push(notice);
      yield { kind: "notice", notice };
    } finally {
      // A model that was cut short must not go on writing.
      if (!isComplete) end.abort();
    }
  }
  throw new TypeError("A RAG engine needs at least one generator.");
}

function described({ message, hint }: ServiceError): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

function signalOf(given: AbortSignal | undefined, own: AbortSignal): AbortSignal {
  return given === undefined ? own : AbortSignal.any([given, own]);
}

/** Compares a model's answer with its sources, and offers the sources' own words if it says what they do not. */
async function* check(
  { text, generator }: Written,
  request: GenerationRequest,
  notices: string[],
): AsyncGenerator<AnswerEvent, Written> {
  const check = checkAnswer(text, request.sources);
  for (const advice of check.notices) {
    notices.push(advice);
    yield { kind: "advice", advice };
  }
  if (!check.isDoubtful) return { text: check.text, generator };
  let alternative = "";
  for await (const piece of new ExtractiveGenerator().generate(request)) alternative += piece;
  yield { kind: "alternative", text: alternative };
  return { text: check.text, generator, alternative };
}
