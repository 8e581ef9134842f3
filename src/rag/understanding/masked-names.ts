import { readWords } from "../vocabulary/words.ts";
import type { Lexicon } from "./lexicon.ts";

/**
 * A text of the same length in which names of records are blanked out: `Non` of `Obi Non` denies nothing, nor does
 * `No` of `Horenso no Gomaae`. A name of one word is left: it has no word beside it to deny.
 */
export function maskNames(text: string, { names }: Lexicon): string {
  const words = readWords(text);
  let masked = text;
  for (const [from, word] of words.entries()) {
    const to = names.longestAt(words, from)?.to ?? from;
    const end = words[to - 1]?.end;
    if (to - from < 2 || end === undefined) continue;
    masked = masked.slice(0, word.start) + "_".repeat(end - word.start) + masked.slice(end);
  }
  return masked;
}
