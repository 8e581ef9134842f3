import { UsageError } from "../../foundation/errors.ts";
import type { Run } from "../command.ts";
import type { ask } from "../definitions/ask.ts";
import { makeReady, requireFill, settingsOf, withApplication } from "../prepare.ts";
import { printAnswer } from "../render.ts";
import { scopeNotes, scopeOf } from "../scope.ts";

export const runAsk: Run<typeof ask> = async (values, context) => {
  const { terminal, signal } = context;
  const question = values.question.join(" ").trim();
  if (question === "")
    throw new UsageError("Ask a question.", { hint: 'Like: ragfood ask "What is tempeh?"' });
  const settings = settingsOf(values, context.environment);
  const scope = scopeOf(values, settings);
  await requireFill(settings, scope.namespace);
  return await withApplication(settings, context, async (application) => {
    await makeReady(application, scope.namespace, context);
    if (values.json) terminal.json(await application.engine.ask(question, { ...scope, signal }));
    else {
      const events = application.engine.stream(question, { ...scope, signal });
      await printAnswer(events, terminal, { explain: values.explain, given: scopeNotes(scope) });
    }
    return undefined;
  });
};
