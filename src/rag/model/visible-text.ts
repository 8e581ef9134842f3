/** Tags around the reasoning of a model, which is not part of the answer. */
const opening = "<think>";
const closing = "</think>";

/** Takes the pieces of a model's answer and gives what a person is meant to read. */
class VisibleText {
  #held = "";
  #isThinking = false;
  #hasBegun = false;

  /** The text that a piece completes. */
  add(piece: string): string {
    this.#held += piece;
    let text = "";
    for (;;) {
      const marker = this.#isThinking ? closing : opening;
      const place = this.#held.indexOf(marker);
      if (place >= 0) {
        if (!this.#isThinking) text += this.#held.slice(0, place);
        this.#held = this.#held.slice(place + marker.length);
        this.#isThinking = !this.#isThinking;
        continue;
      }
      // The beginning of a marker may be at the end of a piece.
      const kept = overlap(this.#held, marker);
      const ready = this.#held.slice(0, this.#held.length - kept);
      this.#held = this.#held.slice(this.#held.length - kept);
      if (!this.#isThinking) text += ready;
      return this.#pass(text);
    }
  }

  /** The text that is left when the model has ended. */
  end(): string {
    const rest = this.#isThinking ? "" : this.#held;
    this.#held = "";
    return this.#pass(rest);
  }

  /** Blank lines after what was removed do not begin an answer. */
  #pass(text: string): string {
    const passed = this.#hasBegun ? text : text.trimStart();
    if (passed !== "") this.#hasBegun = true;
    return passed;
  }
}

/** How many characters at the end of a text begin a marker. */
function overlap(text: string, marker: string): number {
  for (let length = Math.min(text.length, marker.length - 1); length > 0; length--) {
    if (marker.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

/**
 * What a person is meant to read of the pieces of a model's answer.
 *
 * @param onEmpty called if that is nothing; throws
 */
export async function* visiblePieces(
  pieces: AsyncIterable<string>,
  onEmpty: () => never,
): AsyncGenerator<string> {
  const visible = new VisibleText();
  let isEmpty = true;
  for await (const piece of pieces) {
    const text = visible.add(piece);
    if (text === "") continue;
    isEmpty = false;
    yield text;
  }
  const rest = visible.end();
  if (rest !== "") yield rest;
  else if (isEmpty) onEmpty();
}
