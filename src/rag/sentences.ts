import { BoundedCache } from "../foundation/bounded-cache.ts";

/** A stop between sentences, but not one after an initial (`vitamin C.` has none) or before a lower-case letter. */
const boundary = /(?<=[.!?]["')\]]?)(?<!(?<!\bvitamin )\b\p{Lu}\.)\s+(?=["'(]?[\p{Lu}\p{N}])/u;

/** Characters of the sentences that are kept: the texts of some thousand foods. */
const mostCharacters = 4_000_000;

/** The same texts come back in the answers to other questions. */
const split = new BoundedCache<string, readonly string[]>(mostCharacters, (sentences) =>
  sentences.reduce((sum, { length }) => sum + length, 1),
);

/** The sentences of a text, trimmed. */
export function splitSentences(text: string): readonly string[] {
  return split.getOrMake(text, () =>
    text
      .split(boundary)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence !== ""),
  );
}
