import type { Answer, AnswerEvent } from "../rag/engine.ts";
import type { Source } from "../rag/source.ts";
import type { Terminal } from "./terminal.ts";

/** Everything but text, line ends and tabs: data could steer the terminal with the rest. */
const controlCharacters = /(?![\n\t])\p{Cc}/gu;

/** Text that came from outside, fit for a terminal. */
export function printable(text: string): string {
  return text.replace(controlCharacters, "");
}

/** One source: number, name where it has one, region, type, score, and its text (RAG-2). */
export function sourceLines(
  { number, score, region, type, text, metadata }: Source,
  terminal: Terminal,
): string[] {
  const name = typeof metadata.name === "string" ? `${metadata.name} · ` : "";
  const head = terminal.style("cyan", printable(`[${number}] ${name}${region} · ${type}`));
  return [`${head} · ${terminal.style("dim", `score ${score.toFixed(3)}`)}`, ...wrap(printable(text), 4)];
}

/**
 * Prints an answer while it is made: sources, then the text as it comes, then who answered.
 *
 * @param told notices that need not be told again
 */
export async function printAnswer(
  events: AsyncIterable<AnswerEvent>,
  terminal: Terminal,
  told: Set<string> = new Set(),
): Promise<Answer | undefined> {
  let isLineOpen = false;
  for await (const event of events) {
    switch (event.kind) {
      case "fallback":
        if (!told.has(event.notice)) terminal.note(terminal.style("yellow", printable(event.notice)));
        told.add(event.notice);
        break;
      case "sources":
        for (const source of event.sources) {
          for (const line of sourceLines(source, terminal)) terminal.line(line);
          terminal.line();
        }
        break;
      case "text":
        terminal.write(printable(event.text));
        isLineOpen = true;
        break;
      case "notice":
        if (!told.has(event.notice)) {
          if (isLineOpen) terminal.line();
          terminal.note(terminal.style("yellow", `${printable(event.notice)} Quoting the sources instead.`));
        }
        isLineOpen = false;
        told.add(event.notice);
        break;
      case "generator":
        break;
      case "answer":
        terminal.line();
        terminal.line();
        terminal.line(terminal.style("dim", footer(event.answer)));
        return event.answer;
    }
  }
  return undefined;
}

function footer({ generator, store, timings }: Answer): string {
  const by = new Map([
    ["none", "no model was asked"],
    ["extractive", "quoted from the sources, no model"],
  ]);
  return `${by.get(generator) ?? generator} · ${store} index · retrieval ${timings.retrieval.toFixed(1)} ms, total ${timings.total.toFixed(0)} ms`;
}

const lineWidth = 100;

/** Lines of at most 100 characters, indented. */
export function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((content) => " ".repeat(indent) + content);
}
