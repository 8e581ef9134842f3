/** Text that came from outside, fit for the cell of a Markdown table. */
export function cell(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\|<>`*_[\]]/g, "\\$&");
}

/** A Markdown table; cells are taken as they are. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** `0.1234`, or a dash if the figure is missing. */
export function figure(value: number | undefined, digits = 4): string {
  return value === undefined ? "–" : value.toFixed(digits);
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
