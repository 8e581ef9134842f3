import { z } from "zod";
import type { Answer } from "../../rag/answer.ts";
import { notices, scopeOptions, scopeShape, sourceSchema, textOf, understood } from "../schemas.ts";
import { quotedSources } from "../sources-text.ts";
import { defineTool, type Tool } from "../tool.ts";

const input = z.object({
  question: textOf(
    "One complete question in English that can be understood without the conversation: 'Which vegan soups come from Ethiopia?'",
  ),
  ...scopeShape,
});

const output = z.object({
  answer: z.string().describe("The answer; [1] cites the source with that number."),
  alternative: z
    .string()
    .optional()
    .describe(
      "What the sources say in their own words; present if the answer makes claims that they do not support.",
    ),
  sources: z.array(sourceSchema),
  understood,
  notices,
  generator: z.string().describe("What wrote the answer; 'none' if no record is relevant."),
  store: z.string().describe("The index that answered."),
});

export const ask: Tool = defineTool({
  name: "ask",
  title: "Ask about food",
  description:
    "Answers a question about food from the records of the index, and from nothing else, with numbered sources. " +
    "It understands diets, allergens, ingredients, regions, meals, seasons, comparisons and spelling mistakes. " +
    "Use it for a question that a person asks; keep the [1] citations and the notices, above all those about allergens. " +
    "Use search to get records without an answer.",
  input,
  output,
  async run({ question, ...scope }, { engine, namespace, signal }) {
    const answer = await engine.ask(question, { ...scopeOptions(scope), namespace, signal });
    const { text, sources, understood: lines, notices: notes, generator, store, alternative } = answer;
    return {
      text: describe(answer),
      data: {
        answer: text,
        ...(alternative !== undefined && { alternative }),
        sources: [...sources],
        understood: [...lines],
        notices: [...notes],
        generator,
        store,
      },
    };
  },
});

function describe({ text, alternative, understood: lines, notices: notes, sources }: Answer): string {
  return [
    text,
    ...(alternative === undefined ? [] : [`In the words of the sources: ${alternative}`]),
    ...lines.map((line) => `Understood: ${line}`),
    ...notes.map((note) => `Notice: ${note}`),
    ...quotedSources(sources),
  ].join("\n\n");
}
