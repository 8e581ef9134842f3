type CharacterTest = (point: number) => boolean;

/** A part of a pattern: `*`, or one character of a set. */
export type GlobElement = "*" | CharacterSet;

/** One character: within one of the ranges, or if negated in none of them. */
interface CharacterSet {
  /** Code points, both ends included. A range whose low end is higher has no character. */
  readonly ranges: readonly { readonly low: number; readonly high: number }[];
  readonly isNegated: boolean;
}

const anyCharacter: CharacterSet = { ranges: [], isNegated: true };

/**
 * Prepares a UNIX glob over whole strings, case-sensitive, character by code point: `*`, `?`, `[abc]`, `[a-z]`,
 * `[^a-z]`. A `]` at the start of a set and a `-` at its edge are literal, and so is a `[` without its `]`. There is no
 * escape character: write `[*]` for a star.
 *
 * A match takes at most pattern × text steps: on a mismatch only the last `*` is retried, because it can match
 * everything that an earlier one could.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const elements = readGlob(pattern).map((element) => (element === "*" ? element : testOf(element)));
  return (text) => {
    let element = 0;
    let place = 0;
    let lastStar = -1;
    let retryPlace = 0;
    while (place < text.length) {
      const current = elements[element];
      const point = text.codePointAt(place) as number;
      if (current === "*") {
        lastStar = element;
        retryPlace = place;
        element++;
      } else if (current?.(point)) {
        element++;
        place += width(point);
      } else if (lastStar !== -1) {
        retryPlace += width(text.codePointAt(retryPlace) as number);
        place = retryPlace;
        element = lastStar + 1;
      } else {
        return false;
      }
    }
    if (elements[element] === "*") element++;
    return element === elements.length;
  };
}

/** The code units that a code point takes in a string. */
function width(point: number): number {
  return point > 0xffff ? 2 : 1;
}

/** The elements of a pattern; two `*` in a row are one. */
export function readGlob(pattern: string): GlobElement[] {
  const points = Array.from(pattern, (character) => character.codePointAt(0) as number);
  const lastClosing = points.lastIndexOf(code("]"));
  const elements: GlobElement[] = [];
  let place = 0;
  while (place < points.length) {
    const point = points[place] as number;
    if (point === code("*")) {
      if (elements.at(-1) !== "*") elements.push("*");
      place++;
    } else if (point === code("?")) {
      elements.push(anyCharacter);
      place++;
    } else if (point === code("[") && lastClosing > firstMember(points, place)) {
      const closing = points.indexOf(code("]"), firstMember(points, place) + 1);
      elements.push(readSet(points, place, closing));
      place = closing + 1;
    } else {
      elements.push({ ranges: [{ low: point, high: point }], isNegated: false });
      place++;
    }
  }
  return elements;
}

function firstMember(points: readonly number[], opening: number): number {
  return points[opening + 1] === code("^") ? opening + 2 : opening + 1;
}

function testOf({ ranges, isNegated }: CharacterSet): CharacterTest {
  const [only] = ranges;
  if (only === undefined) return () => isNegated;
  if (ranges.length === 1 && only.low === only.high) return (point) => (point === only.low) !== isNegated;
  return (point) => ranges.some(({ low, high }) => low <= point && point <= high) !== isNegated;
}

function readSet(points: readonly number[], opening: number, closing: number): CharacterSet {
  const ranges: { low: number; high: number }[] = [];
  const first = firstMember(points, opening);
  let place = first;
  while (place < closing) {
    const low = points[place] as number;
    const isRange = points[place + 1] === code("-") && place + 2 < closing;
    ranges.push({ low, high: isRange ? (points[place + 2] as number) : low });
    place += isRange ? 3 : 1;
  }
  return { ranges, isNegated: first === opening + 2 };
}

function code(character: string): number {
  return character.codePointAt(0) as number;
}
