import { createInterface } from "node:readline";
import { CancelledError, RagfoodError } from "../../errors.ts";
import { Conversation } from "../../rag/conversation.ts";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { reportFailure } from "../failure.ts";
import { makeReady, withApplication } from "../prepare.ts";
import { questionArguments, scopeOf } from "../question-options.ts";
import { printAnswer } from "../render.ts";
import { settingsOf } from "../store-option.ts";

const { json: _, ...args } = questionArguments;

export const chat: Command = defineCommand({
  name: "chat",
  description: "Answers question after question, until exit, quit or the end of the input",
  args,
  examples: [
    ["ragfood chat", "ask; go on with “and which of them are vegan?”; leave with exit"],
    ["ragfood chat --region Italy < questions.txt", "one question a line"],
  ],
  async run(values, context) {
    const settings = settingsOf(values, context.environment);
    const scope = scopeOf(values, settings);
    return await withApplication(settings, async (application) => {
      await makeReady(application, scope.namespace, context);
      const conversation = new Conversation(application.engine);
      const told = new Set<string>();
      for await (const question of questions(context)) {
        const signal = context.signal;
        try {
          await printAnswer(conversation.ask(question, { ...scope, signal }), context.terminal, told);
        } catch (error) {
          // The loop goes on after whatever a person can act on (RAG-5).
          if (!RagfoodError.is(error) || error instanceof CancelledError) throw error;
          reportFailure(error, context.terminal, false);
        }
      }
      return undefined;
    });
  },
});

/** Lines of input that are not blank, up to `exit` or `quit`; prompts where a person types. */
async function* questions({ terminal, input, signal }: CommandContext): AsyncGenerator<string> {
  const isTyped = input.isTTY === true && terminal.isInteractive;
  if (isTyped) terminal.line("Ask about food. exit or Ctrl-D ends the chat.");
  const lines = createInterface({ input, ...(isTyped && { output: process.stdout, prompt: "> " }), signal });
  lines.on("SIGINT", () => lines.close());
  try {
    if (isTyped) lines.prompt();
    for await (const line of lines) {
      const question = line.trim();
      if (/^(exit|quit)$/i.test(question)) return;
      if (question !== "") yield question;
      if (isTyped) lines.prompt();
    }
  } finally {
    lines.close();
  }
}
