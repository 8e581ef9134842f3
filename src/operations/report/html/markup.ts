/** Markup that is safe to put into a page. Only `html` makes it. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | undefined | Markup | readonly Markup[];

/** A template whose texts are escaped, so that no comment or question becomes markup. `undefined` is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: texts.reduce((all, text, place) => `${all}${textOf(parts[place - 1])}${text}`) };
}

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "object")
    return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  // Control characters are not allowed in HTML, not even as entities.
  return text
    .replace(/[&<>"']/g, (character) => entities[character] as string)
    .replace(/[\p{Cc}\p{Surrogate}]/gu, (character) => (/\s/.test(character) ? character : "\uFFFD"));
}
