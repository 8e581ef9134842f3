const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

interface Quoted {
  readonly before: string;
  /** The sentence that the answer rests on. */
  readonly used: string;
  readonly after: string;
}

/** A source's text around the sentence that shares most words with what the answer says and cites from it. */
export function usedSentence(text: string, answer: string, number: number): Quoted {
  const sentences = [...segmenter.segment(text)].map(({ segment }) => segment);
  const words = wordsOf(passagesCiting(answer, number));
  const shares = sentences.map((sentence) => {
    const own = wordsOf(sentence);
    let shared = 0;
    for (const word of own) if (words.has(word)) shared++;
    return own.size === 0 ? 0 : shared / Math.sqrt(own.size);
  });
  const best = shares.indexOf(Math.max(...shares));
  return {
    before: sentences.slice(0, best).join(""),
    used: (sentences[best] ?? "").trimEnd(),
    after: sentences.slice(best + 1).join(""),
  };
}

/** What the answer says before each mark of a source, back to the mark before. */
function passagesCiting(answer: string, number: number): string {
  const passages: string[] = [];
  for (const line of answer.split("\n")) {
    let start = 0;
    for (const mark of line.matchAll(/(?:\[\d+\]\s*)+/g)) {
      if (mark[0].includes(`[${number}]`)) passages.push(line.slice(start, mark.index));
      start = mark.index + mark[0].length;
    }
  }
  return passages.join(" ");
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);
}
