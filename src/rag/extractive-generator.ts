import { composeParts } from "./answer/compose.ts";
import { render } from "./answer/line.ts";
import type { GenerationRequest, Generator } from "./generator.ts";
import { literalPlan } from "./understanding/plan.ts";

/**
 * Answers without a model: facts from the fields of the sources, and sentences from their texts, each with its
 * citation. It says nothing that a source does not say.
 */
export class ExtractiveGenerator implements Generator {
  readonly name = "extractive";

  async *generate({ question, sources, plan, parts }: GenerationRequest): AsyncGenerator<string> {
    let previous: number | undefined;
    for (const each of composeParts(parts ?? [{ plan: plan ?? literalPlan(question), sources }])) {
      const number = each.sources.length === 1 ? each.sources[0]?.number : undefined;
      // Sentences of one source make a paragraph.
      const separator =
        previous === undefined ? "" : number !== undefined && number === previous ? " " : "\n";
      yield `${separator}${render(each)}`;
      previous = number ?? -1;
    }
  }
}
