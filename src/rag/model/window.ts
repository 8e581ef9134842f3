import { counted } from "../../foundation/plural.ts";
import type { GenerationRequest } from "../generator.ts";
import { buildPrompt, type PromptMessage } from "../prompt.ts";

/** Tokens that an answer may have: several times what the prompt asks for. */
export const answerTokens = 768;

/** Said with an answer that the model did not finish. */
export const cutOffNotice: string = `The answer was cut off after ${answerTokens} tokens: ask for less, or read the sources.`;

/** A prompt does not get more of a model's window: memory grows with it, and sources beyond this add little. */
export const largestWindow = 8_192;

/** English text has about 4 characters a token, other languages fewer; 3 leaves room for both. */
export const charactersPerToken = 3;

/** Tokens of a text, estimated high: the tokenizer of the model is not known. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** Tokens that a chat template adds to a message. */
const tokensPerMessage = 8;

/** Ollama loads a model again when the window changes, so that few sizes are used. */
const windowStep = 4_096;

export interface FittedPrompt {
  readonly messages: readonly PromptMessage[];
  /** Tokens of prompt and answer, rounded up. */
  readonly window: number;
  /** What was left out to fit, for a person; absent if everything fits. */
  readonly notice?: string;
}

/**
 * The prompt for a request within a model's window: the last sources go first, then the oldest exchanges.
 *
 * @param window tokens of prompt and answer that the model takes
 */
export function fitPrompt(request: GenerationRequest, window: number = largestWindow): FittedPrompt {
  const budget = Math.min(window, largestWindow) - answerTokens;
  let { sources, history } = request;
  let messages = buildPrompt({ ...request, sources, history });
  while (tokensOf(messages) > budget && (sources.length > 1 || history.length > 0)) {
    if (sources.length > 1) sources = sources.slice(0, -1);
    else history = history.slice(1);
    messages = buildPrompt({ ...request, sources, history });
  }
  const needed = tokensOf(messages) + answerTokens;
  const left = request.sources.length - sources.length;
  const notice =
    left > 0
      ? `The model was given ${sources.length} of ${counted(request.sources.length, "source")}: more do not fit its window of ${Math.min(window, largestWindow)} tokens.`
      : undefined;
  return {
    messages,
    window: Math.min(Math.ceil(needed / windowStep) * windowStep, Math.max(window, windowStep)),
    ...(notice !== undefined && { notice }),
  };
}

function tokensOf(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, { content }) => sum + tokensPerMessage + estimateTokens(content), 0);
}
