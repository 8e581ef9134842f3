import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PlanSummary, Source } from "../service/contract.ts";
import { type Block, type ComparisonRow, type Inline, parseAnswer } from "./answer-text.ts";
import { Citation, type CitationProps } from "./citation.tsx";
import { nameOf } from "./record.ts";
import "./answer-body.css";

interface AnswerBodyProps extends Omit<CitationProps, "number" | "source"> {
  readonly text: string;
  readonly sources: readonly Source[];
  readonly plan: PlanSummary | undefined;
  /** Whether more text will come. */
  readonly isStreaming: boolean;
}

/** The text of an answer with its citation marks. */
export function AnswerBody({ text, sources, plan, isStreaming, ...citation }: AnswerBodyProps): JSX.Element {
  const blocks = useMemo(() => {
    const names = plan?.kind === "compare" ? comparedNames(plan, sources) : [];
    return parseAnswer(text, { sourceCount: sources.length, names });
  }, [text, sources, plan]);
  const piece = (inline: Inline, key: string) => {
    if (inline.kind === "strong") return <strong key={key}>{inline.text}</strong>;
    if (inline.kind === "code") return <code key={key}>{inline.text}</code>;
    if (inline.kind === "text") return inline.text;
    const source = sources[inline.number - 1];
    return source && <Citation key={key} {...citation} number={inline.number} source={source} />;
  };
  const line = (inlines: readonly Inline[]) =>
    withoutLoneMarks(inlines).map((run, place) => {
      // Text only grows at its end: a place always holds the same pieces.
      const pieces = run.map((inline, index) => piece(inline, `${place}-${index}`));
      return run.length === 1 ? (
        pieces[0]
      ) : (
        <span key={`${place}`} class="answer-cited">
          {pieces}
        </span>
      );
    });
  return (
    <div class={`answer-body ${isStreaming ? "answer-streaming" : ""}`}>
      {blocks.map((block, place) => (
        <BlockView key={`${place}`} block={block} line={line} />
      ))}
    </div>
  );
}

/** Characters of a word that fits into a line in any case. */
const longestWord = 30;

/** Runs of pieces: marks together with the word before them, from which no line break may part them. */
function withoutLoneMarks(inlines: readonly Inline[]): Inline[][] {
  const runs: Inline[][] = [];
  for (const inline of inlines) {
    const last = runs.at(-1)?.at(-1);
    const [, before = "", word = ""] =
      last?.kind === "text" ? (/^(.*\s)?(\S+\s*)$/s.exec(last.text) ?? []) : [];
    if (inline.kind !== "citation" || last === undefined || last.kind === "code") runs.push([inline]);
    else if (last.kind === "text" && word !== "" && word.length <= longestWord) {
      runs.pop();
      if (before !== "") runs.push([{ kind: "text", text: before }]);
      runs.push([{ kind: "text", text: word }, inline]);
    } else runs.at(-1)?.push(inline);
  }
  return runs;
}

interface BlockViewProps {
  readonly block: Block;
  readonly line: (inlines: readonly Inline[]) => JSX.Element | unknown;
}

function BlockView({ block, line }: BlockViewProps): JSX.Element {
  if (block.kind === "paragraph") return <p>{line(block.line) as JSX.Element}</p>;
  if (block.kind === "list") {
    return (
      <ul class="answer-list">
        {block.items.map((item, place) => (
          <li key={`${place}`}>{line(item) as JSX.Element}</li>
        ))}
      </ul>
    );
  }
  const sources = block.names.map((_, place) => onlySource(block.rows, place));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways needs the arrow keys.
    <section class="answer-comparison" aria-label="Comparison" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td />
            {block.names.map((name, place) => (
              <th key={name} scope="col">
                {line(cellOf(name, sources[place])) as JSX.Element}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map(({ label, cells, citations }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {cells.map((cell, place) => (
                <td key={`${place}`}>
                  {line(cellOf(cell, sources[place] ? undefined : citations[place])) as JSX.Element}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The source of every cell of a column: its mark stands once, in the head. `undefined`: they differ. */
function onlySource(rows: readonly ComparisonRow[], place: number): number | undefined {
  const [first, ...others] = rows.map(({ citations }) => citations[place]);
  return others.every((each) => each === first) ? first : undefined;
}

function cellOf(text: string, citation: number | undefined): Inline[] {
  const cell: Inline = { kind: "text", text };
  return citation === undefined ? [cell] : [cell, { kind: "citation", number: citation }];
}

/** As the answer writes them: the records' names if the plan's foods are records, in the order of the sources. */
function comparedNames({ foods }: PlanSummary, sources: readonly Source[]): string[] {
  const ids = new Set(foods.flatMap((food) => food.ids));
  return sources.filter(({ id }) => ids.has(id)).map(nameOf);
}
