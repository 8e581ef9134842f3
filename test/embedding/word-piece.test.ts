import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WordPieceTokenizer } from "../../src/embedding/word-piece.ts";
import { wordPieceDefinition } from "../helpers/models.ts";

const pieces = [
  "[UNK]",
  "un",
  "##want",
  "##ed",
  "wanted",
  "##wanted",
  "runn",
  "##ing",
  ",",
  "é",
  "e",
  "日",
  "本",
  "$",
  "x",
  "##x",
];

function encode(text: string, tokenizer = new WordPieceTokenizer(wordPieceDefinition(pieces))): string[] {
  return [...tokenizer.encode(text)].map((id) => pieces[id] as string);
}

describe("WordPieceTokenizer", () => {
  it.each([
    ["the longest piece first", "unwanted", ["un", "##wanted"]],
    ["pieces that go on only within a word", "wanted running", ["wanted", "runn", "##ing"]],
    ["lower case, without accents", "UNWANTED É", ["un", "##wanted", "e"]],
    ["decomposed accents too", "e\u0301", ["e"]],
    ["punctuation as words of its own", "un,,un", ["un", ",", ",", "un"]],
    ["ASCII symbols as punctuation", "x$x", ["x", "$", "x"]],
    ["ideographs one by one", "x日本x", ["x", "日", "本", "x"]],
    ["white space of every kind", "x\t\n\u00a0\u3000x", ["x", "x"]],
    ["no control or format characters", "u\u0000n\u200bwan\u00adted", ["un", "##wanted"]],
    ["nothing of a word that it cannot spell to its end", "unwantedly x", ["x"]],
    ["nothing of a word of more than 100 characters", `${"x".repeat(101)} x`, ["x"]],
    ["names of special tokens as text", "[UNK]", []],
    ["nothing of nothing", " ", []],
  ])("WordPieceTokenizer gives the tokens of %s", (_, text, expected) => {
    expect(encode(text)).toEqual(expected);
  });

  it("keeps case and accents if the model does", () => {
    const definition = wordPieceDefinition(pieces);
    definition.normalizer.lowercase = false;
    expect(encode("é É x X", new WordPieceTokenizer(definition))).toEqual(["é", "x"]);
  });

  it("spells words with pieces that join to the word", () => {
    const letters = [..."abc"];
    const alphabet = [...letters, ...letters.map((letter) => `##${letter}`), "abc", "##ab", "##cab"];
    const tokenizer = new WordPieceTokenizer(wordPieceDefinition(alphabet));
    const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(word, (text) => {
        const spelled = [...tokenizer.encode(text)].map((id) => alphabet[id]?.replace(/^##/, ""));
        expect(spelled.join("")).toBe(text);
      }),
    );
  });
});
