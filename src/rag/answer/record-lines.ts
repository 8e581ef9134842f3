import { tokenize } from "../../embedding/tokenizer.ts";
import { namesOf } from "../catalog/names.ts";
import { textsOf } from "../catalog/roles.ts";
import type { Source } from "../source.ts";
import { fieldsAsked, labelOf } from "../understanding/fields.ts";
import { type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { readWords } from "../vocabulary/words.ts";
import { findLines } from "./find-lines.ts";
import { type AnswerLine, line, unmentionedLines } from "./line.ts";

/** Longer values are prose. */
const longestValue = 80;

/**
 * The answer from records about anything: what the fields of the named records say of what is asked, otherwise the
 * sentences that bear most on the question. A comparison puts all fields of the records that it names side by side.
 */
export function recordLines(plan: QuestionPlan, sources: readonly Source[]): AnswerLine[] {
  const question = wholeQuestion(plan);
  const stems = new Set(tokenize(question));
  const named = sources.filter((source) =>
    namesOf(source).some((name) => {
      const terms = tokenize(name);
      return terms.length > 0 && terms.every((term) => stems.has(term));
    }),
  );
  const subjects = named.length > 0 ? named : sources.slice(0, 1);
  const isComparison = named.length > 1;
  const asked = fieldsAsked(
    question,
    subjects.flatMap(({ metadata }) => Object.keys(metadata)),
  );
  const fields =
    asked.length > 0
      ? asked
      : isComparison
        ? [...new Set(named.flatMap(({ metadata }) => Object.keys(metadata)))].filter(
            (each) => each !== "name",
          )
        : [];
  const lines = subjects.flatMap((source) => {
    const values = fields.flatMap((field) => {
      const text = textsOf(source.metadata[field]).join(", ");
      return text === "" || text.length > longestValue ? [] : [`${labelOf(field)} ${text}`];
    });
    const [name = source.id] = namesOf(source);
    return values.length === 0 ? [] : [line(`${name}: ${values.join("; ")}.`, source)];
  });
  const found = isComparison ? [] : findLines(question, sources);
  const covered = new Set(asked.length > 0 ? readWords(question).map(({ text }) => text) : []);
  const missing = (plan.unmentioned ?? []).filter((word) => !covered.has(word));
  return [...lines, ...found, ...unmentionedLines(missing)];
}
