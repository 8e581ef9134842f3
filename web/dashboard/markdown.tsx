import type { JSX } from "preact";
import "./markdown.css";

/**
 * The Markdown of reports as elements: headings, paragraphs, lists, tables, bold text. Everything else stays text, so
 * that nothing in it can become markup.
 */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  let heading = "";
  return (
    <div class="markdown">
      {blocksOf(text).map((lines, place) => {
        heading = headingOf(lines) ?? heading;
        return block(lines, place, heading);
      })}
    </div>
  );
}

function headingOf([first = ""]: readonly string[]): string | undefined {
  return /^#{1,6} (.*)$/.exec(first)?.[1];
}

/** Lines that belong together. */
function blocksOf(text: string): string[][] {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.split("\n").filter((line) => line.trim() !== ""))
    .filter((lines) => lines.length > 0);
}

/** @param section the heading above: the name of a table */
function block(lines: readonly string[], place: number, section: string): JSX.Element {
  const [first = "", second = ""] = lines;
  const heading = /^(#{1,6}) (.*)$/.exec(first);
  if (heading !== null) {
    const [, marks = "", words = ""] = heading;
    const rest = lines.slice(1);
    return (
      <div key={place}>
        {marks.length <= 2 ? <h3>{inline(words)}</h3> : <h4>{inline(words)}</h4>}
        {rest.length > 0 && block(rest, 0, section)}
      </div>
    );
  }
  if (lines.every((line) => /^[-*] /.test(line))) {
    return (
      <ul key={place}>
        {lines.map((line) => (
          <li key={line}>{inline(line.slice(2))}</li>
        ))}
      </ul>
    );
  }
  if (first.startsWith("|") && /^\|[\s:|-]+\|$/.test(second)) return table(lines, place, section);
  return <p key={place}>{inline(lines.join(" "))}</p>;
}

function table([head = "", , ...rows]: readonly string[], place: number, label: string): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways needs the arrow keys.
    <section key={place} class="markdown-scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {cellsOf(head).map((text) => (
              <th key={text} scope="col">
                {inline(text)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${index}-${row}`}>
              {cellsOf(row).map((text, column) => (
                <td key={`${column}-${text}`}>{inline(text)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The cells of a row; an escaped bar is part of its cell. */
function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((text) => text.trim());
}

/** Bold text as an element; escaped characters as themselves. */
function inline(text: string): (string | JSX.Element)[] {
  const plain = (part: string) => part.replace(/\\([\\`*_{}[\]()#+.!|<>-])/g, "$1");
  return text
    .split(/(?<!\\)\*\*/)
    .map((part, place) =>
      place % 2 === 1 ? <strong key={`${place}-${part}`}>{plain(part)}</strong> : plain(part),
    );
}
