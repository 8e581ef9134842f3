import { tokenize } from "../embedding/tokenizer.ts";
import type { Exchange } from "./generator.ts";

/** A question that leans on the one before: it points back, or goes on. */
const pointsBack =
  /\b(it|its|they|them|their|that|those|these|this|one|ones|another|others|instead)\b|^(and|but|or|what about|how about|why|which of)\b/i;

/** Fewer content words than this cannot stand alone. */
const wordsThatStandAlone = 2;

/** What to search for: the question as it is, with the one before it where it leans on that. */
export function searchText(question: string, history: readonly Exchange[]): string {
  const previous = history.at(-1)?.question;
  if (previous === undefined) return question;
  const leans = pointsBack.test(question.trim()) || tokenize(question).length < wordsThatStandAlone;
  return leans ? `${previous} ${question}` : question;
}
