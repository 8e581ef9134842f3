import { z } from "zod";
import { nothingFound } from "../../rag/engine.ts";
import { notices, scopeOptions, scopeShape, sourceSchema, textOf, understood } from "../schemas.ts";
import { quotedSources } from "../sources-text.ts";
import { defineTool, type Tool } from "../tool.ts";

const input = z.object({
  text: textOf("What to look for, in English: 'fermented soybeans', 'light summer soup'."),
  ...scopeShape,
  literal: z
    .boolean()
    .optional()
    .describe(
      "true searches for the words as they are: no corrected spelling, and no conditions taken from the text.",
    ),
});

const output = z.object({
  sources: z.array(sourceSchema).describe("The best matches, best first; empty if nothing is relevant."),
  understood,
  notices,
  store: z.string().describe("The index that answered."),
});

export const search: Tool = defineTool({
  name: "search",
  title: "Search foods",
  description:
    "Finds the records about foods that match a text best, with all their fields, optionally only those that meet a filter. " +
    "Use it to list, compare or count foods, or to read records before you write something yourself. " +
    "Use ask for an answer with citations.",
  input,
  output,
  async run({ text, literal, ...scope }, context) {
    const { engine, namespace, signal } = context;
    const options = { ...scopeOptions(scope), namespace, signal, literal: literal ?? false };
    const notes = new Set<string>();
    const {
      sources,
      store,
      understood: lines,
    } = await engine.find(text, {
      ...options,
      onFallback: (fallback) => void notes.add(engine.fallbackNotice(fallback)),
    });
    if (sources.length === 0) for (const advice of await engine.explainNothing(options)) notes.add(advice);
    const described = [
      ...(sources.length === 0 ? [nothingFound] : []),
      ...lines.map((line) => `Understood: ${line}`),
      ...[...notes].map((note) => `Notice: ${note}`),
      ...quotedSources(sources),
    ];
    return {
      text: described.join("\n\n"),
      data: { sources: [...sources], understood: [...lines], notices: [...notes], store },
    };
  },
});
