import { nameOf } from "../record/facts.ts";
import type { Source } from "../source.ts";
import { type AnswerLine, line } from "./line.ts";

/** Why each record is a source of the answer before: in their order, a line each. */
export function whyLines(sources: readonly Source[]): AnswerLine[] {
  return [
    line("The sources of that answer were chosen for these reasons:"),
    ...sources.map((source) => line(`- ${nameOf(source)}: ${source.reasons.join("; ")}.`, source)),
    line(
      "Records that fail a condition are left out. The rest are ranked by how much of the question they hold; rare words count for more. A record that the question names comes first.",
    ),
  ];
}
