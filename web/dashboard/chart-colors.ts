/** Tokens that charts draw with. */
const names = [
  "text",
  "text-meta",
  "line",
  "line-control",
  "series-1",
  "series-2",
  "series-3",
  "bad",
  "warning",
  "surface",
] as const;

export type ChartColors = Readonly<Record<(typeof names)[number], string>>;

/** The colours of the theme that an element has: a canvas knows no custom properties. */
export function readColors(element: HTMLElement): ChartColors {
  const probe = document.createElement("i");
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = Object.fromEntries(names.map((name) => [name, read(name)])) as unknown as ChartColors;
  probe.remove();
  return colors;
}
