/** Control characters, spaces without width, and characters that turn the direction of others. */
const unseen = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** A name with escapes for what cannot be seen: two ids that differ never look the same. */
export function visibleText(text: string): string {
  return text.replace(unseen, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u${point.toString(16).padStart(4, "0")}`;
  });
}
