import type { Answer } from "../../rag/answer.ts";
import { quotedWord } from "../../rag/quoted.ts";
import { nameOf } from "../../rag/record/facts.ts";
import type { Source } from "../../rag/source.ts";

/** Between an answer and its footer: a rule in Markdown. */
const rule = "\n\n---\n\n";

const footerStart = /\n\n---\n\n(?:In the words of the sources|Note|Understood as|Sources):[\s\S]*$/;

/**
 * What a person has to know besides the text, for programs that show only text: doubts, notices, how the question was
 * understood, and what `[1]` stands for. Empty if there is nothing to add.
 */
export function footerOf({ text, alternative, notices, understood, sources }: Answer): string {
  const cited = citedSources(text, sources);
  const parts = [
    ...(alternative === undefined ? [] : [`In the words of the sources: ${alternative}`]),
    ...notices.map((notice) => `Note: ${notice}`),
    ...understood.map((line) => `Understood as: ${line}`),
    ...(cited.length === 0 ? [] : [`Sources:\n${cited.map(sourceLine).join("\n")}`]),
  ];
  return parts.length === 0 ? "" : rule + parts.join("\n\n");
}

/** An earlier answer as its next question needs it. */
export function withoutFooter(text: string): string {
  return text.replace(footerStart, "");
}

/** All of them if the text cites none. */
function citedSources(text: string, sources: readonly Source[]): readonly Source[] {
  const numbers = new Set(Array.from(text.matchAll(/\[(\d+)\]/g), ([, number]) => Number(number)));
  return numbers.size === 0 ? sources : sources.filter(({ number }) => numbers.has(number));
}

/** `- [1] Pho (Soup, Vietnam)` */
function sourceLine(source: Source): string {
  return `- [${source.number}] ${quotedWord(nameOf(source))} (${quotedWord(source.type)}, ${quotedWord(source.region)})`;
}
