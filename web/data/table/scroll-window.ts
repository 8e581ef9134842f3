/** A taller element would meet the limits of browsers (Firefox: 17.9 million pixels). */
const tallest = 8_000_000;

/** A scroll step shorter than this many screens is a wheel or a key, which moves by pixels; a longer one is the thumb. */
const fineScreens = 3;

/**
 * Which rows of a very long table are in sight. The rows may be taller together than any element can be: then the
 * scroll bar stands for all of them, while the wheel and the keys still move by pixels.
 */
export class ScrollWindow {
  readonly #rowHeight: number;
  #count = 0;
  #viewHeight = 1;
  /** Pixels above the view, of all rows. */
  #top = 0;
  #scrollTop = 0;

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  /** The height of the element that makes the scroll bar. */
  get height(): number {
    return Math.min(this.#fullHeight, tallest);
  }

  /** Pixels above the view, of all rows. */
  get top(): number {
    return this.#top;
  }

  get first(): number {
    return Math.max(0, Math.floor(this.#top / this.#rowHeight));
  }

  get last(): number {
    return Math.min(this.#count, Math.ceil((this.#top + this.#viewHeight) / this.#rowHeight)) - 1;
  }

  /** Rows that are in sight as a whole. */
  get size(): number {
    return Math.max(1, Math.floor(this.#viewHeight / this.#rowHeight));
  }

  get #fullHeight(): number {
    return this.#count * this.#rowHeight;
  }

  get #fullRange(): number {
    return Math.max(0, this.#fullHeight - this.#viewHeight);
  }

  get #range(): number {
    return Math.max(0, this.height - this.#viewHeight);
  }

  resize(count: number, viewHeight: number): void {
    this.#count = count;
    this.#viewHeight = Math.max(1, viewHeight);
    this.#top = this.#clamp(this.#top);
  }

  /** Follows the element that scrolls. */
  follow(scrollTop: number): void {
    const step = scrollTop - this.#scrollTop;
    const isFine = this.#fullHeight > tallest && Math.abs(step) < fineScreens * this.#viewHeight;
    const isAtEnd = scrollTop <= 0 || scrollTop >= this.#range - 1;
    this.#scrollTop = scrollTop;
    if (isFine && !isAtEnd) this.#top = this.#clamp(this.#top + step);
    else this.#top = this.#range === 0 ? 0 : this.#clamp((scrollTop / this.#range) * this.#fullRange);
  }

  /** Where the scroll bar should be for the rows in sight. Fine steps let it drift. */
  settle(): number {
    this.#scrollTop = this.#fullRange === 0 ? 0 : (this.#top / this.#fullRange) * this.#range;
    return this.#scrollTop;
  }

  /** Moves so that this row is the first in sight. @returns where the scroll bar should be */
  show(row: number): number {
    this.#top = this.#clamp(row * this.#rowHeight);
    return this.settle();
  }

  /** Moves as little as possible so that this row is in sight. @returns where the scroll bar should be */
  reveal(row: number): number {
    const start = row * this.#rowHeight;
    const lowest = start + this.#rowHeight - this.#viewHeight;
    this.#top = this.#clamp(Math.max(lowest, Math.min(this.#top, start)));
    return this.settle();
  }

  #clamp(top: number): number {
    return Math.max(0, Math.min(top, this.#fullRange));
  }
}
