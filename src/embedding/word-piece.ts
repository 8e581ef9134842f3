import { z } from "zod";

/** The part of a `tokenizer.json` that describes a BERT tokenizer. */
export interface WordPieceDefinition {
  readonly normalizer: {
    readonly clean_text: boolean;
    readonly handle_chinese_chars: boolean;
    /** `null`: the same as `lowercase`. */
    readonly strip_accents: boolean | null;
    readonly lowercase: boolean;
  };
  readonly model: {
    /** The id of each piece. */
    readonly vocab: Readonly<Record<string, number>>;
    readonly continuing_subword_prefix: string;
    readonly max_input_chars_per_word: number;
  };
}

export const wordPieceSchema: z.ZodType<WordPieceDefinition> = z.object({
  normalizer: z.object({
    type: z.literal("BertNormalizer"),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
    strip_accents: z.boolean().nullable(),
    lowercase: z.boolean(),
  }),
  pre_tokenizer: z.object({ type: z.literal("BertPreTokenizer") }),
  model: z.object({
    type: z.literal("WordPiece"),
    vocab: z.record(z.string(), z.number().int().nonnegative()),
    continuing_subword_prefix: z.string(),
    max_input_chars_per_word: z.number().int().positive(),
  }),
});

const unreadable = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu;
/** Each ideograph is a word (BERT's list of blocks). */
const ideographs =
  /[\u{3400}-\u{4DBF}\u{4E00}-\u{9FFF}\u{F900}-\u{FAFF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;
const accents = /\p{Mn}/gu;
/** A word or one punctuation mark. BERT treats every ASCII symbol as punctuation. */
const words = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

/**
 * BERT's tokenizer: splits words from the left into the longest pieces of the vocabulary
 * (Schuster and Nakajima, 2012). Names of special tokens, such as `[CLS]`, are ordinary text.
 */
export class WordPieceTokenizer {
  readonly #normalizer: WordPieceDefinition["normalizer"];
  readonly #wholeWords: ReadonlyMap<string, number>;
  /** Continuation pieces without their prefix. */
  readonly #continuations: ReadonlyMap<string, number>;
  readonly #longestPiece: number;
  readonly #longestWord: number;

  constructor({ normalizer, model }: WordPieceDefinition) {
    const prefix = model.continuing_subword_prefix;
    const pieces = Object.entries(model.vocab);
    this.#normalizer = normalizer;
    this.#wholeWords = new Map(pieces);
    this.#continuations = new Map(
      pieces.flatMap(([piece, id]) => (piece.startsWith(prefix) ? [[piece.slice(prefix.length), id]] : [])),
    );
    this.#longestPiece = pieces.reduce((longest, [piece]) => Math.max(longest, piece.length), 0);
    this.#longestWord = model.max_input_chars_per_word;
  }

  /** The ids of a text's pieces, in order. Words outside the vocabulary are skipped. */
  *encode(text: string): Generator<number> {
    for (const [word] of this.#normalize(text).matchAll(words)) yield* this.#encodeWord(word);
  }

  #normalize(text: string): string {
    const { clean_text, handle_chinese_chars, strip_accents, lowercase } = this.#normalizer;
    let normal = text;
    if (clean_text) normal = normal.replace(unreadable, "");
    if (handle_chinese_chars) normal = normal.replace(ideographs, " $& ");
    if (strip_accents ?? lowercase) normal = normal.normalize("NFD").replace(accents, "");
    return lowercase ? normal.toLowerCase() : normal;
  }

  #encodeWord(word: string): number[] {
    if (word.length > this.#longestWord && [...word].length > this.#longestWord) return [];
    const ids: number[] = [];
    let start = 0;
    while (start < word.length) {
      const vocabulary = start === 0 ? this.#wholeWords : this.#continuations;
      let end = Math.min(word.length, start + this.#longestPiece);
      let id = vocabulary.get(word.slice(start, end));
      while (id === undefined && end > start + 1) {
        end--;
        id = vocabulary.get(word.slice(start, end));
      }
      if (id === undefined) return [];
      ids.push(id);
      start = end;
    }
    return ids;
  }
}
