/** A stop between sentences, but not one after an initial or before a lower-case letter. */
const boundary = /(?<=[.!?]["')\]]?)(?<!\b\p{Lu}\.)\s+(?=["'(]?[\p{Lu}\p{N}])/u;

/** The sentences of a text, trimmed. */
export function splitSentences(text: string): string[] {
  return text
    .split(boundary)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
