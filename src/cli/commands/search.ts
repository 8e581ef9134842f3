import { UsageError } from "../../foundation/errors.ts";
import { nothingFound } from "../../rag/engine.ts";
import { explainPlan, summarizePlan } from "../../rag/understanding/describe.ts";
import type { Run } from "../command.ts";
import type { search } from "../definitions/search.ts";
import { oneLine } from "../foreign-text.ts";
import { makeReady, requireFill, settingsOf, withApplication } from "../prepare.ts";
import { sourceLines } from "../render.ts";
import { scopeNotes, scopeOf } from "../scope.ts";

export const runSearch: Run<typeof search> = async (values, context) => {
  const { terminal, signal } = context;
  const text = values.text.join(" ").trim();
  if (text === "")
    throw new UsageError("Name a text to search for.", { hint: "Like: ragfood search noodle soup" });
  const settings = settingsOf(values, context.environment);
  const scope = scopeOf(values, settings);
  await requireFill(settings, scope.namespace);
  return await withApplication(settings, context, async (application) => {
    await makeReady(application, scope.namespace, context);
    const started = performance.now();
    const notices: string[] = [];
    const { sources, plan, store, understood } = await application.engine.find(text, {
      ...scope,
      signal,
      onFallback: (fallback) => {
        const notice = application.engine.fallbackNotice(fallback);
        if (!notices.includes(notice)) notices.push(notice);
      },
    });
    const milliseconds = performance.now() - started;
    if (sources.length === 0) {
      notices.push(...(await application.engine.explainNothing({ ...scope, signal })));
    }
    if (values.json) {
      terminal.json({
        text,
        plan: summarizePlan(plan),
        understood,
        store,
        sources,
        notices,
        timings: { retrieval: milliseconds },
      });
      return undefined;
    }
    for (const notice of notices) terminal.note(terminal.style("yellow", notice));
    const notes = [...scopeNotes(scope), ...(values.explain ? explainPlan(plan) : understood)];
    for (const line of notes) terminal.note(oneLine(line));
    for (const source of sources) for (const line of sourceLines(source, terminal)) terminal.line(line);
    if (sources.length === 0) terminal.line(nothingFound);
    terminal.note(terminal.style("dim", `${store} index · ${milliseconds.toFixed(1)} ms`));
    return undefined;
  });
};
