import { charactersPerToken } from "../../rag/model/window.ts";
import type { FinishReason } from "../schemas/chat.ts";

/**
 * Ends a text that comes in pieces at the first of some stop texts, which is left out, or after a number of tokens.
 * The end of a piece that may begin a stop text is held back.
 */
export class TextLimit {
  readonly #stops: readonly string[];
  #charactersLeft: number;
  #held = "";
  #end: FinishReason | undefined;

  /** @param maximumTokens estimated as `charactersPerToken` */
  constructor(stops: readonly string[], maximumTokens: number = Number.POSITIVE_INFINITY) {
    this.#stops = stops;
    this.#charactersLeft = maximumTokens * charactersPerToken;
  }

  /** Why the text has ended early; further pieces are dropped. */
  get end(): FinishReason | undefined {
    return this.#end;
  }

  /** The text that may be shown now. */
  add(piece: string): string {
    if (this.#end !== undefined) return "";
    const text = this.#held + piece;
    const stop = this.#firstStop(text);
    if (stop !== undefined) {
      this.#held = "";
      const shown = this.#taken(text.slice(0, stop));
      this.#end ??= "stop";
      return shown;
    }
    const held = this.#heldLength(text);
    this.#held = text.slice(text.length - held);
    return this.#taken(text.slice(0, text.length - held));
  }

  /** What was held back: the text is complete. */
  rest(): string {
    const held = this.#held;
    this.#held = "";
    return this.#end === undefined ? this.#taken(held) : "";
  }

  #taken(text: string): string {
    const taken = text.slice(0, this.#charactersLeft);
    this.#charactersLeft -= taken.length;
    if (taken.length < text.length) this.#end = "length";
    return taken;
  }

  #firstStop(text: string): number | undefined {
    const places = this.#stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** Characters at the end that begin a stop text. */
  #heldLength(text: string): number {
    const longest = Math.max(0, ...this.#stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
