import { tokenize } from "../../embedding/tokenizer.ts";
import { BoundedCache } from "../../foundation/bounded-cache.ts";

/** Terms of all texts that are kept, and bookkeeping that weighs as much as so many terms. */
const mostTerms = 1_000_000;
const termsOfEntry = 8;

/** Longer texts are not kept: they are keys of the cache. */
const longestKept = 4_000;

const known = new BoundedCache<string, readonly string[]>(mostTerms, ({ length }) => length + termsOfEntry);

/** As `tokenize`, for sentences and texts of records, which come back in the answers to other questions. */
export function termsOf(text: string): readonly string[] {
  return text.length > longestKept ? tokenize(text) : known.getOrMake(text, () => tokenize(text));
}
