import type { Answer, AnswerEvent } from "../rag/engine.ts";
import type { Source } from "../rag/source.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Everything but text, line ends and tabs: data could steer the terminal with the rest. With the
 * embeddings and overrides of direction (U+202A to U+202E) it could show a text as another.
 */
const controlCharacters = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** Text that came from outside, fit for a terminal. */
export function printable(text: string): string {
  return text.replace(controlCharacters, "");
}

/** The same on one line: a name from outside must not begin lines of its own. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " "));
}

/** One source: number, name where it has one, region, type, score, and its text (RAG-2). */
export function sourceLines(
  { number, score, region, type, text, metadata }: Source,
  terminal: Terminal,
): string[] {
  const name = typeof metadata.name === "string" ? `${metadata.name} · ` : "";
  const head = terminal.style("cyan", oneLine(`[${number}] ${name}${region} · ${type}`));
  return [
    `${head} · ${terminal.style("dim", `score ${score.toFixed(3)}`)}`,
    ...wrap(printable(text), terminal.width, 4),
  ];
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
  const words = new WholeWords();
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
        terminal.write(printable(words.add(event.text)));
        isLineOpen = true;
        break;
      case "notice":
        words.take();
        if (!told.has(event.notice)) {
          if (isLineOpen) terminal.line();
          terminal.note(terminal.style("yellow", `${printable(event.notice)} Quoting the sources instead.`));
        }
        isLineOpen = false;
        told.add(event.notice);
        break;
      case "advice":
        if (isLineOpen) terminal.line(printable(words.take()));
        isLineOpen = false;
        terminal.note(terminal.style("yellow", printable(event.advice)));
        break;
      case "generator":
        break;
      case "answer":
        if (isLineOpen) terminal.line(printable(words.take()));
        terminal.line();
        terminal.line(terminal.style("dim", footer(event.answer)));
        return event.answer;
    }
  }
  return undefined;
}

/** Longer words are let through in pieces, so that output without a blank does not wait for its end. */
const longestHeldWord = 512;

/** Holds back a word until it is whole: a secret that arrives in pieces would pass the redactor. */
class WholeWords {
  #rest = "";

  /** @returns the whole words that the text has completed */
  add(text: string): string {
    const all = this.#rest + text;
    const whole = all.length > longestHeldWord ? all.length : all.search(/\S*$/);
    this.#rest = all.slice(whole);
    return all.slice(0, whole);
  }

  /** The word that is left. */
  take(): string {
    const rest = this.#rest;
    this.#rest = "";
    return rest;
  }
}

function footer({ generator, store, timings }: Answer): string {
  const by = new Map([
    ["none", "no model was asked"],
    ["extractive", "quoted from the sources, no model"],
  ]);
  return `${by.get(generator) ?? generator} · ${store} index · retrieval ${timings.retrieval.toFixed(1)} ms, total ${timings.total.toFixed(0)} ms`;
}

/** Lines of at most `width` characters, indented; a longer word has a line of its own. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((content) => " ".repeat(indent) + content);
}
