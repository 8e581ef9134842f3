import { tokenize } from "../../embedding/tokenizer.ts";
import { namesOf } from "../catalog/names.ts";
import { textsOf } from "../catalog/roles.ts";
import { splitSentences } from "../sentences.ts";
import type { Source } from "../source.ts";
import { fieldsAsked, labelOf } from "../understanding/fields.ts";
import { type QuestionPlan, wholeQuestion } from "../understanding/plan.ts";
import { comparing } from "../understanding/subjects.ts";
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
  const isComparison =
    comparing.test(question) && new Set(named.map((source) => namesOf(source)[0])).size > 1;
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
  const found = isComparison ? [] : withNews(question, findLines(question, sources));
  const covered = new Set(asked.length > 0 ? readWords(question).map(({ text }) => text) : []);
  const missing = (plan.unmentioned ?? []).filter((word) => !covered.has(word));
  return [...lines, ...found, ...unmentionedLines(missing)];
}

/** Sentences after one that repeats the question. */
const mostNews = 3;

const asksWhatToDo =
  /\b(?:what (?:can|could|should|do) (?:i|we|one|you)|how (?:do|can|could|should|to)|fix|solve|repair|help)\b/i;

/**
 * In place of sentences that only repeat the question, what their records say beside them: that an invoice is charged
 * twice is no answer to `My invoice is charged twice`, but the remedy after it is.
 */
function withNews(question: string, lines: readonly AnswerLine[]): AnswerLine[] {
  const asked = new Set(tokenize(question));
  const shareAsked = (text: string) => {
    const terms = tokenize(text);
    return terms.filter((term) => asked.has(term)).length / Math.max(1, terms.length);
  };
  return lines.flatMap((each) => {
    const [source] = each.sources;
    const share = shareAsked(each.text);
    if (source === undefined || share < (asksWhatToDo.test(question) ? 0.5 : 1)) return [each];
    const news = splitSentences(source.text)
      .filter((text) => text !== each.text && shareAsked(text) < 1)
      .slice(0, mostNews)
      .map((text) => line(text, source));
    return share < 1 ? [each, ...news] : news.length === 0 ? [each] : news;
  });
}
