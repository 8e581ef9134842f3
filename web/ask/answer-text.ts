/** A piece of a line. */
export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "strong"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "citation"; readonly number: number };

export type Block =
  | { readonly kind: "paragraph"; readonly line: readonly Inline[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Inline[])[] }
  /** Foods side by side: a row for each fact, a cell for each food. */
  | {
      readonly kind: "comparison";
      readonly names: readonly string[];
      readonly rows: readonly ComparisonRow[];
    };

export interface ComparisonRow {
  readonly label: string;
  readonly cells: readonly string[];
  readonly citations: readonly number[];
}

interface Limits {
  /** Sources of the answer: a higher number in brackets is text. */
  readonly sourceCount: number;
  /** Foods that are compared. */
  readonly names?: readonly string[];
}

/**
 * Reads the few marks that answers use: lists, **strong**, `code` and [1]. The result is data, and everything else
 * stays text: markup in an answer is shown, never run.
 */
export function parseAnswer(text: string, { sourceCount, names = [] }: Limits): Block[] {
  const blocks: Block[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "") continue;
    const row = names.length > 1 ? comparisonRow(line, names) : undefined;
    const item = /^(?:[-*•]|\d+[.)])\s+(.*)$/.exec(line)?.[1];
    const last = blocks.at(-1);
    if (row !== undefined) {
      if (last?.kind === "comparison") blocks[blocks.length - 1] = { ...last, rows: [...last.rows, row] };
      else blocks.push({ kind: "comparison", names, rows: [row] });
    } else if (item !== undefined) {
      const inlines = parseLine(item, sourceCount);
      if (last?.kind === "list") blocks[blocks.length - 1] = { ...last, items: [...last.items, inlines] };
      else blocks.push({ kind: "list", items: [inlines] });
    } else {
      const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
      blocks.push({
        kind: "paragraph",
        line: heading === undefined ? parseLine(line, sourceCount) : [{ kind: "strong", text: heading }],
      });
    }
  }
  return blocks;
}

function parseLine(line: string, sourceCount: number): Inline[] {
  const inlines: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(/\*\*(.+?)\*\*|`([^`]+)`|\[(\d{1,3})\]/g)) {
    const [whole, strong, code, number] = match;
    if (number !== undefined && (Number(number) < 1 || Number(number) > sourceCount)) continue;
    if (match.index > end) inlines.push({ kind: "text", text: line.slice(end, match.index) });
    if (strong !== undefined) inlines.push({ kind: "strong", text: strong });
    else if (code !== undefined) inlines.push({ kind: "code", text: code });
    else inlines.push({ kind: "citation", number: Number(number) });
    end = match.index + whole.length;
  }
  if (end < line.length) inlines.push({ kind: "text", text: line.slice(end) });
  return inlines;
}

/** `Type – Ramen: Soup; Pho: Soup. [1][2]` as a row of a table; `undefined` for another line. */
function comparisonRow(line: string, names: readonly string[]): ComparisonRow | undefined {
  const parts = /^([^–:]{1,30}) – (.+?)\.?\s*((?:\[\d+\])*)$/.exec(line);
  if (parts === null) return undefined;
  const [, label = "", body = "", marks = ""] = parts;
  const places = names.map((name) => body.indexOf(`${name}: `));
  if (places.some((place, index) => place < 0 || (index > 0 && place < (places[index - 1] ?? 0)))) {
    return undefined;
  }
  const cells = names.map((name, index) => {
    const start = (places[index] ?? 0) + name.length + 2;
    return body.slice(start, places[index + 1] ?? body.length).replace(/;\s*$/, "");
  });
  return { label, cells, citations: [...marks.matchAll(/\d+/g)].map(([number]) => Number(number)) };
}
