import type { Answer, AnswerEvent } from "../rag/engine.ts";
import type { Source } from "../rag/source.ts";
import type { Terminal } from "./terminal.ts";

/** One source: number, name where it has one, region, type, score, and its text (RAG-2). */
export function sourceLines(
  { number, score, region, type, text, metadata }: Source,
  terminal: Terminal,
): string[] {
  const name = typeof metadata.name === "string" ? `${metadata.name} · ` : "";
  const head = terminal.style("cyan", `[${number}] ${name}${region} · ${type}`);
  return [`${head} · ${terminal.style("dim", `score ${score.toFixed(3)}`)}`, ...wrap(text, 4)];
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
  for await (const event of events) {
    switch (event.kind) {
      case "sources":
        for (const source of event.sources) {
          for (const line of sourceLines(source, terminal)) terminal.line(line);
          terminal.line();
        }
        break;
      case "text":
        terminal.write(event.text);
        break;
      case "notice":
        if (!told.has(event.notice)) {
          terminal.note(terminal.style("yellow", `${event.notice} Quoting the sources instead.`));
        }
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
  const by = {
    none: "no model was asked",
    extractive: "quoted from the sources, no model",
  }[generator];
  return `${by ?? generator} · ${store} index · retrieval ${timings.retrieval.toFixed(1)} ms, total ${timings.total.toFixed(0)} ms`;
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
