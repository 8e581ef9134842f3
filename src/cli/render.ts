import { generalType, unknownRegion } from "../foods/food.ts";
import type { Answer, AnswerEvent } from "../rag/answer.ts";
import type { Source } from "../rag/source.ts";
import { explainPlan } from "../rag/understanding/describe.ts";
import { AnswerText } from "./answer-text.ts";
import { oneLine } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** One source: number, name, region and type if it has them, otherwise its id, score, and its text (RAG-2). */
export function sourceLines(
  { number, id, score, region, type, text, metadata }: Source,
  terminal: Terminal,
): string[] {
  const known = [
    ...(typeof metadata.name === "string" ? [metadata.name] : []),
    ...(region === unknownRegion ? [] : [region]),
    ...(type === generalType ? [] : [type]),
  ];
  const head = terminal.style("cyan", oneLine(`[${number}] ${known.length > 0 ? known.join(" · ") : id}`));
  return [
    `${head} · ${terminal.style("dim", `score ${score.toFixed(3)}`)}`,
    ...wrap(oneLine(text), terminal.width, 4),
  ];
}

interface AnswerOptions {
  /** Print the whole plan (`--explain`). */
  readonly explain?: boolean | undefined;
  /** `scopeNotes` of the command. */
  readonly given?: readonly string[];
  /** Notices that were shown before. */
  readonly shown?: Set<string>;
}

/** Prints an answer while it is made: the understanding of the question, sources, text, then the generator. */
export async function printAnswer(
  events: AsyncIterable<AnswerEvent>,
  terminal: Terminal,
  { explain = false, given = [], shown = new Set() }: AnswerOptions = {},
): Promise<Answer | undefined> {
  const warn = (notice: string, suffix = "") => {
    if (!shown.has(notice)) terminal.note(terminal.style("yellow", oneLine(`${notice}${suffix}`)));
    shown.add(notice);
  };
  let answer = new AnswerText(terminal);
  let isQuoting = false;
  for await (const event of events) {
    switch (event.kind) {
      case "fallback":
        warn(event.notice);
        break;
      case "sources":
        for (const line of [...given, ...(explain ? explainPlan(event.plan) : event.understood)]) {
          terminal.line(terminal.style("dim", oneLine(line)));
        }
        for (const source of event.sources) {
          for (const line of sourceLines(source, terminal)) terminal.line(line);
          terminal.line();
        }
        break;
      case "generator":
        answer = new AnswerText(terminal);
        isQuoting = event.name === "extractive";
        break;
      case "text":
        answer.add(isQuoting ? quoteLine(event.text) : event.text);
        break;
      case "notice":
        answer.abandon();
        warn(event.notice, " Quoting the sources instead.");
        break;
      case "advice":
        answer.end();
        warn(event.advice);
        break;
      case "alternative":
        terminal.line();
        terminal.line("The sources in their own words:");
        terminal.line(event.text.split("\n").map(oneLine).join("\n"));
        break;
      case "answer":
        answer.end();
        terminal.line();
        terminal.line(terminal.style("dim", oneLine(footer(event.answer))));
        return event.answer;
    }
  }
  return undefined;
}

/** Puts a quote on one line, with all line ends of the record as blanks; a first one separates two quotes. */
function quoteLine(text: string): string {
  return text.startsWith("\n") ? `\n${oneLine(text.slice(1))}` : oneLine(text);
}

function footer({ generator, store, timings }: Answer): string {
  const by = new Map([
    ["none", "no model was asked"],
    ["extractive", "quoted from the sources, no model"],
  ]);
  return `${by.get(generator) ?? generator} · ${store} index · retrieval ${timings.retrieval.toFixed(1)} ms, total ${timings.total.toFixed(0)} ms`;
}
