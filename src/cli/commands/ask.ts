import { UsageError } from "../../foundation/errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { makeReady, withApplication } from "../prepare.ts";
import { questionArguments, scopeOf } from "../question-options.ts";
import { printAnswer } from "../render.ts";
import { settingsOf } from "../store-option.ts";

const args = {
  question: { type: "positional", required: false, description: "the question, quoted or not" },
  ...questionArguments,
} as const;

export const ask: Command = defineCommand({
  name: "ask",
  description: "Answers one question from the food data and shows the sources",
  args,
  takesText: true,
  examples: [
    ['ragfood ask "Which spicy dishes come from India?"', "the three best sources, and an answer from them"],
    ['ragfood ask "What is good for breakfast?" --region Japan --top-k 5', "five sources, all Japanese"],
    [
      `ragfood ask "A light dinner" --filter "diet CONTAINS 'vegan' AND type IN ('Soup', 'Salad')"`,
      "any field can be filtered on",
    ],
  ],
  async run(values, context) {
    const { terminal, signal } = context;
    const question = values._.join(" ").trim();
    if (question === "")
      throw new UsageError("Ask a question.", { hint: 'Like: ragfood ask "What is tempeh?"' });
    const settings = settingsOf(values, context.environment);
    const scope = scopeOf(values, settings);
    return await withApplication(settings, context, async (application) => {
      await makeReady(application, scope.namespace, context);
      if (values.json) terminal.json(await application.engine.ask(question, { ...scope, signal }));
      else await printAnswer(application.engine.stream(question, { ...scope, signal }), terminal);
      return undefined;
    });
  },
});
