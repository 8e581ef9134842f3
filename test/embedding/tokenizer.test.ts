import { describe, expect, it } from "vitest";
import { foldText } from "../../src/embedding/fold.ts";
import { foldWord, isStopWord, termsAmong, tokenize } from "../../src/embedding/tokenizer.ts";

describe("words that are written in several ways", () => {
  it.each([
    ["Smørrebrød", "smorrebrod"],
    ["Łosoś wędzony", "losos wedzony"],
    ["Weißwurst", "Weisswurst"],
    ["STRASSE Straße", "strasse STRAẞE"],
    ["Phở đặc biệt", "pho dac biet"],
    ["ægir œuf", "aegir oeuf"],
    ["ıspanak İskender", "ispanak iskender"],
    ["þorramatur", "thorramatur"],
    ["Jalapeño", "jalapen\u0303o"],
    ["ΣΊΣΥΦΟΣ", "σίσυφος"],
    ["ﬁlet ｓｕｓｈｉ", "filet sushi"],
    ["Hawaiʻi", "Hawaii"],
    ["baker’s", "baker's"],
    ["escudella amb col·lecció", "escudella amb collecció"],
    ["ｶﾞｰﾃﾞﾝ", "ガーデン"],
    ["한국", "한국".normalize("NFD")],
    ["\u05e9\u05c1\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"],
  ])("%s and %s have the same terms", (one, other) => {
    expect(tokenize(one)).toEqual(tokenize(other));
    expect(tokenize(one).length).toBeGreaterThan(0);
  });

  it.each(["\u00ad", "\u200c", "\u200d", "\u2060", "\ufeff"])(
    "%j inside a word does not split it",
    (invisible) => {
      expect(tokenize(`choco${invisible}late`)).toEqual(tokenize("chocolate"));
      expect(foldWord(`choco${invisible}late`)).toBe("chocolate");
    },
  );

  it("a zero-width space splits words, as a blank does", () => {
    expect(tokenize("rice\u200bnoodles")).toEqual(tokenize("rice noodles"));
  });

  it("folding is done once and for all", () => {
    for (const text of ["Straße", "ẞ", "İı", "Œuvre ﬁ", "Ĳsselmeer", "ŉ ΐ", "ΣΟΦΟΣ", "ǅ", "㎏ ℡ ½"]) {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }
  });

  it("stop words are recognised with any apostrophe", () => {
    expect([isStopWord("It’s"), isStopWord("I'm"), isStopWord("soup")]).toEqual([true, true, false]);
  });
});

describe("scripts without blanks", () => {
  it.each([
    ["韓国", "私は韓国料理が好きです"],
    ["麻婆豆腐", "四川的麻婆豆腐很辣"],
    ["ラーメン", "とんこつラーメンを食べる"],
    ["ส้มตำ", "อยากกินส้มตำไทย"],
    ["김치", "김치찌개를 먹었다"],
    ["ໝາກຫຸ່ງ", "ຕຳໝາກຫຸ່ງ"],
  ])("a search for %s finds a text that contains it", (query, text) => {
    const terms = new Set(tokenize(text));
    expect(tokenize(query).some((term) => terms.has(term))).toBe(true);
  });

  it("each pair of letters is a term once, and a longer word of the dictionary too", () => {
    expect(tokenize("麻婆豆腐").filter((term) => term === "豆腐")).toHaveLength(1);
    expect(tokenize("ラーメン")).toContain("ラーメン");
    expect(tokenize("鯛")).toEqual(["鯛"]);
  });

  it("a word of two scripts is cut between them", () => {
    expect(tokenize("iPhone韓国")).toEqual(["iphon", "韓国"]);
  });

  it("marks that make another letter stay: が is not か, and Thai and Hindi keep their vowels", () => {
    expect(tokenize("が")).not.toEqual(tokenize("か"));
    expect(tokenize("พริก")).toContain("พริก");
    expect(tokenize("हिन्दी")).toEqual(["हिन्दी"]);
  });
});

it.each([
  "Baked beans with Crème fraîche, O'Brien potatoes and iPhone韓国料理",
  "",
  "the and of",
  "Smørrebrød ﬁne Ærø 7-Up",
])("finds those of some terms that a text has: %j", (text) => {
  const terms = new Set(tokenize(text));
  const wanted = new Set([...terms, "potato", "料理", "absent", "be"]);
  expect(termsAmong(text, wanted)).toEqual(new Set([...terms].filter((term) => wanted.has(term))));
});
