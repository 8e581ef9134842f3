/** Minimum length of a shared prefix. */
const prefixLength = 3;

/** Characters per allowed typing mistake. */
const charactersPerMistake = 3;

/**
 * Typing mistakes between two texts: insertions, deletions, replacements and swaps of neighbours
 * (optimal string alignment, the restricted form of the distance of Damerau, 1964).
 */
export function editDistance(left: string, right: string): number {
  const from = [...left];
  const to = [...right];
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        row > 1 && column > 1 && isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}

/**
 * The most likely intended name: the one with the fewest mistakes if they are few, otherwise the
 * shortest that begins as the wanted one does, or that it begins with. Case and accents do not count.
 *
 * @param names in the order in which they are preferred among equals
 */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  const plain = fold(wanted);
  let best: { name: string; mistakes: number } | undefined;
  let sibling: string | undefined;
  for (const name of names) {
    const candidate = fold(name);
    const allowed = Math.floor(Math.max(plain.length, candidate.length) / charactersPerMistake);
    const isPossible = Math.abs(plain.length - candidate.length) <= allowed;
    const mistakes = isPossible ? editDistance(plain, candidate) : Number.POSITIVE_INFINITY;
    if (mistakes <= allowed && mistakes < (best?.mistakes ?? Number.POSITIVE_INFINITY))
      best = { name, mistakes };
    if (sharesBeginning(plain, candidate) && name.length < (sibling?.length ?? Number.POSITIVE_INFINITY)) {
      sibling = name;
    }
  }
  return best?.name ?? sibling;
}

function sharesBeginning(left: string, right: string): boolean {
  if (Math.min(left.length, right.length) < prefixLength) return false;
  return left.startsWith(right) || right.startsWith(left);
}

function fold(text: string): string {
  return text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
