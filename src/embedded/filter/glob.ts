type CharacterTest = (point: number) => boolean;
type Element = "*" | CharacterTest;

/**
 * Prepares a UNIX glob over whole strings, case-sensitive, character by code point: `*`, `?`, `[abc]`, `[a-z]`,
 * `[^a-z]`. A `]` at the start of a set and a `-` at its edge are literal, and so is a `[` without its `]`. There is no
 * escape character: write `[*]` for a star.
 *
 * A match takes at most pattern × text steps: on a mismatch only the last `*` is retried, because it can match
 * everything that an earlier one could.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const elements = readPattern(pattern);
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

function readPattern(pattern: string): Element[] {
  const points = Array.from(pattern, (character) => character.codePointAt(0) as number);
  const lastClosing = points.lastIndexOf(code("]"));
  const elements: Element[] = [];
  let place = 0;
  while (place < points.length) {
    const point = points[place] as number;
    if (point === code("*")) {
      if (elements.at(-1) !== "*") elements.push("*");
      place++;
    } else if (point === code("?")) {
      elements.push(() => true);
      place++;
    } else if (point === code("[") && lastClosing > firstMember(points, place)) {
      const closing = points.indexOf(code("]"), firstMember(points, place) + 1);
      elements.push(readSet(points, place, closing));
      place = closing + 1;
    } else {
      elements.push((candidate) => candidate === point);
      place++;
    }
  }
  return elements;
}

function firstMember(points: readonly number[], opening: number): number {
  return points[opening + 1] === code("^") ? opening + 2 : opening + 1;
}

function readSet(points: readonly number[], opening: number, closing: number): CharacterTest {
  const ranges: { low: number; high: number }[] = [];
  const first = firstMember(points, opening);
  let place = first;
  while (place < closing) {
    const low = points[place] as number;
    const isRange = points[place + 1] === code("-") && place + 2 < closing;
    ranges.push({ low, high: isRange ? (points[place + 2] as number) : low });
    place += isRange ? 3 : 1;
  }
  const isNegated = first === opening + 2;
  return (point) => ranges.some(({ low, high }) => low <= point && point <= high) !== isNegated;
}

function code(character: string): number {
  return character.codePointAt(0) as number;
}
