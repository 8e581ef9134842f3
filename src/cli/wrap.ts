/** Characters that a terminal shows two columns wide: East Asian wide and full-width forms, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const zeroWide = /[\p{M}\p{Cf}]/u;

/** What colours a text; it takes no column. */
const colors = new RegExp(`${String.fromCharCode(27)}\\[\\d{1,3}m`, "g");

/** Columns that a terminal needs for a text. */
export function columnsOf(text: string): number {
  const plain = text.replace(colors, "");
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const character of plain) {
    if (!zeroWide.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

/** Lines of at most `width` columns, indented. Blanks in the text only separate words; a longer word is cut. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const room = Math.max(1, width - indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((word) => pieces(word, room))) {
    if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((content) => " ".repeat(indent) + content);
}

/** Breaks a line that is wider than the terminal at its blanks; what follows is indented as the line is. */
export function wrapLine(line: string, width: number): string[] {
  if (columnsOf(line) <= width) return [line];
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let current = "";
  // Blanks stay with the word before them, so that columns of a table keep their distance.
  for (const word of line.match(/^ *\S+ *|\S+ */g) ?? [line]) {
    if (current.trim() !== "" && columnsOf(current + word.trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += word;
  }
  lines.push(current.trimEnd());
  return lines;
}

/** A word in pieces that fit: a script without blanks between words must not run past the edge. */
function pieces(word: string, room: number): string[] {
  if (columnsOf(word) <= room) return [word];
  const found: string[] = [];
  let piece = "";
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)) {
    if (piece !== "" && columnsOf(piece + segment) > room) {
      found.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...found, piece];
}
