import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const tokens = readFileSync(new URL("../../web/tokens.css", import.meta.url), "utf8");

/** Both values of each token: of the light theme and of the dark one. */
const colors = new Map(
  Array.from(
    tokens.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g),
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

/** The relative luminance of WCAG 2.2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [low = 0, high = 0] = [luminance(left), luminance(right)].sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["canvas", "surface", "sunken", "raised", "hover"];

/** Text of a colour on a ground, as the components use them: 4.5 to 1. */
const texts: readonly (readonly [text: string, grounds: readonly string[]])[] = [
  ["text", [...grounds, "pressed", "accent-ground", "warning-ground", "bad-ground"]],
  ["text-soft", [...grounds, "pressed", "accent-ground", "warning-ground", "bad-ground"]],
  ["text-meta", grounds],
  ["accent", grounds],
  ["accent-strong", ["canvas", "surface", "accent-ground"]],
  ["on-accent", ["accent", "accent-strong"]],
  ["good", ["surface", "canvas", "good-ground"]],
  ["warning", ["surface", "canvas", "warning-ground"]],
  ["bad", ["surface", "canvas", "raised", "bad-ground"]],
];

/** What a person has to see without reading it: edges of fields, lines of charts, focus. 3 to 1. */
const shapes: readonly (readonly [shape: string, grounds: readonly string[]])[] = [
  ["line-control", ["canvas", "surface"]],
  ["accent", grounds],
  ["series-1", ["surface"]],
  ["series-2", ["surface"]],
  ["series-3", ["surface"]],
  ["series-4", ["surface"]],
  ["bad", ["surface"]],
  ["warning", ["surface"]],
];

describe.each(["light", "dark"] as const)("the colours of the %s theme", (theme) => {
  const of = (name: string) => {
    const color = colors.get(name);
    if (color === undefined) throw new Error(`tokens.css has no colour ${name}.`);
    return color[theme];
  };
  const pairs = (table: typeof texts) =>
    table.flatMap(([front, backs]) => backs.map((back) => [front, back] as const));

  it.each(pairs(texts))("has text of AA contrast: %s on %s", (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(pairs(shapes))("has shapes that can be seen: %s on %s", (shape, ground) => {
    expect(contrast(of(shape), of(ground))).toBeGreaterThanOrEqual(3);
  });
});
