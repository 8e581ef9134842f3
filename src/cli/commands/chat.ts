import { createInterface } from "node:readline";
import { wantsDebug } from "../../config/environment.ts";
import { CancelledError, RagfoodError } from "../../foundation/errors.ts";
import type { AnswerEvent } from "../../rag/answer.ts";
import { Conversation } from "../../rag/conversation.ts";
import type { CommandContext, Run } from "../command.ts";
import type { chat } from "../definitions/chat.ts";
import { errorToJson, exitCodes, reportFailure } from "../failure.ts";
import { makeReady, requireFill, settingsOf, withApplication } from "../prepare.ts";
import { printAnswer } from "../render.ts";
import { scopeNotes, scopeOf } from "../scope.ts";

/** Words that end a chat. */
const goodbye = /^(?:exit|quit|bye)$/i;

const help =
  "Ask about food; a follow-up such as “and which of them are vegan?” refers to the question before. exit, quit, bye or Ctrl-D ends the chat, Ctrl-C stops an answer and ends it.";

export const runChat: Run<typeof chat> = async (values, context) => {
  const { terminal, environment } = context;
  const settings = settingsOf(values, environment);
  const scope = scopeOf(values, settings);
  await requireFill(settings, scope.namespace);
  return await withApplication(settings, context, async (application) => {
    await makeReady(application, scope.namespace, context);
    const conversation = new Conversation(application.engine);
    const answer = values.json ? answerAsJson : answerAsText(values.explain, scopeNotes(scope));
    const typed = new AbortController();
    const signal = AbortSignal.any([context.signal, typed.signal]);
    for await (const question of questions(context, values.json, typed)) {
      try {
        await answer(conversation.ask(question, { ...scope, signal }), context);
      } catch (error) {
        if (error instanceof CancelledError && typed.signal.aborted) break;
        // The loop continues after every error that a person can act on (RAG-5).
        if (!(error instanceof RagfoodError) || error instanceof CancelledError) throw error;
        if (values.json) terminal.jsonLine({ question, error: errorToJson(error) });
        else reportFailure(error, terminal, { asJson: false, debug: wantsDebug(environment) });
      }
    }
    if (typed.signal.aborted) {
      // The shell's prompt starts on a new line.
      terminal.line();
      return exitCodes.cancelled;
    }
    // A program that reads the output must not take it for all the answers.
    if (context.signal.aborted) throw new CancelledError();
    return undefined;
  });
};

type AnswerPrinter = (events: AsyncIterable<AnswerEvent>, context: CommandContext) => Promise<unknown>;

const answerAsJson: AnswerPrinter = async (events, { terminal }) => {
  for await (const event of events) if (event.kind === "answer") terminal.jsonLine(event.answer);
};

/** Each notice is printed once a chat. */
function answerAsText(explain: boolean | undefined, given: readonly string[]): AnswerPrinter {
  const shown = new Set<string>();
  return (events, { terminal }) => printAnswer(events, terminal, { explain, given, shown });
}

/**
 * Lines of input that are not blank, up to a word of goodbye; prompts if a person types.
 * @param typed fires on a Ctrl-C that is typed: while a prompt may come, no signal is sent for it
 */
async function* questions(
  { terminal, input, signal }: CommandContext,
  asJson: boolean,
  typed: AbortController,
): AsyncGenerator<string> {
  const isTyped = input.isTTY === true && terminal.isInteractive && !asJson;
  if (isTyped) terminal.line("Ask about food. help shows what you can type; exit or Ctrl-D ends the chat.");
  const lines = createInterface({ input, ...(isTyped && { output: process.stdout, prompt: "> " }), signal });
  lines.on("SIGINT", () => {
    typed.abort();
    lines.close();
  });
  // After Ctrl-Z and fg the input is paused, and the process would end.
  lines.on("SIGCONT", () => lines.prompt(true));
  try {
    if (isTyped) lines.prompt();
    for await (const line of lines) {
      const question = line.trim();
      if (goodbye.test(question)) return;
      if (!asJson && /^help$/i.test(question)) terminal.line(help);
      else if (question !== "") yield question;
      if (isTyped) lines.prompt();
    }
    if (isTyped && !typed.signal.aborted) terminal.line();
  } finally {
    lines.close();
  }
}
