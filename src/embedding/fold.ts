/** Invisible characters that may stand inside a word: soft hyphen, zero-width joiners, word joiner, byte order mark. */
const insideWords = /\u00ad|\u200c|\u200d|\u2060|\ufeff/g;

/**
 * A word in a text that is not folded yet, as `tokenize` cuts words: letters, digits and marks, with apostrophes
 * and invisible characters inside.
 */
export const wordInText: RegExp = new RegExp(
  String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|${insideWords.source}|['’](?=[\p{L}\p{N}]))*`,
  "gu",
);

/** Marks that accent a letter. Marks of other scripts (Thai vowels, Japanese voicing) make another letter. */
const accents = new RegExp(
  [
    String.raw`[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]`,
    // Hebrew points and Arabic vowels, which everyday text leaves out.
    String.raw`[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc]`,
  ].join("|"),
  "g",
);

/** Apostrophes, and letters that look and are used like one, as in `Hawaiʻi`. */
const apostrophes = /[‘’‛ʻʼʽˈ′＇]/g;

/** Lowercase letters that Unicode does not decompose, as Lucene's ASCIIFoldingFilter writes them. */
const plainLetters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ŋ: "n", æ: "ae", œ: "oe", þ: "th", ı: "i", ĸ: "q" },
    ...{
      ƀ: "b",
      ɓ: "b",
      ƈ: "c",
      ɖ: "d",
      ɗ: "d",
      ɛ: "e",
      ə: "a",
      ǝ: "e",
      ƒ: "f",
      ɠ: "g",
      ɨ: "i",
      ɩ: "i",
      ƙ: "k",
    },
    ...{
      ƚ: "l",
      ɲ: "n",
      ɔ: "o",
      ɵ: "o",
      ƥ: "p",
      ɍ: "r",
      ʂ: "s",
      ƭ: "t",
      ʈ: "t",
      ʉ: "u",
      ʋ: "v",
      ƴ: "y",
      ƶ: "z",
    },
  }),
);
const foldedLetters = new RegExp(`[${[...plainLetters.keys()].join("")}]`, "g");

/** Catalan `col·lecció`: the point parts two letters, not two words. */
const pointInsideWord = /(?<=l)·(?=l)/g;

/**
 * A text in the form used for comparison: without case (full case folding: `STRASSE`, `Straße` and `strasse` are one),
 * accents, widths and invisible characters inside words; `Smørrebrød` is `smorrebrod`, `Łódź` is `lodz`.
 * Every apostrophe is `'`.
 */
export function foldText(text: string): string {
  if (!/[\u0080-\uffff]/.test(text)) return text.toLowerCase();
  const plain = text.replace(insideWords, "").normalize("NFKD").replace(accents, "");
  // By way of upper case: it writes ß as SS, and the forms of one letter (ς and σ, ſ and s) alike.
  const folded = plain.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFC");
  return folded
    .replace(foldedLetters, (letter) => plainLetters.get(letter) as string)
    .replace(pointInsideWord, "")
    .replace(apostrophes, "'");
}
