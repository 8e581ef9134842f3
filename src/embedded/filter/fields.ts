/** Reads one field out of a record's metadata; `undefined` is a missing field, `null` a JSON null. */
export type FieldReader = (metadata: unknown) => unknown;

type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number; readonly fromEnd: boolean };

/**
 * Prepares the reading of a path: `a.b.c`, `list[0]`, `list[#-1]` (`#` is the length). Keys are read only from
 * objects that have them as their own, indexes only from arrays. Brackets without an index are part of the
 * key.
 */
export function compileField(path: string): FieldReader {
  const steps = path.split(".").flatMap(readSegment);
  return (metadata) => {
    let value = metadata;
    for (const step of steps) {
      value = take(value, step);
      if (value === undefined) return undefined;
    }
    return value;
  };
}

function readSegment(segment: string): Step[] {
  const bracket = segment.indexOf("[");
  const wholeKey: Step[] = [{ kind: "key", key: segment }];
  if (bracket === -1) return wholeKey;

  const steps: Step[] = [{ kind: "key", key: segment.slice(0, bracket) }];
  const index = /\[(#-)?([0-9]+)\]/y;
  let place = bracket;
  while (place < segment.length) {
    index.lastIndex = place;
    const match = index.exec(segment);
    if (match === null) return wholeKey;
    steps.push({ kind: "index", index: Number(match[2]), fromEnd: match[1] !== undefined });
    place = index.lastIndex;
  }
  return steps;
}

function take(value: unknown, step: Step): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (step.kind === "index") {
    if (!Array.isArray(value)) return undefined;
    return value[step.fromEnd ? value.length - step.index : step.index];
  }
  if (Array.isArray(value) || !Object.hasOwn(value, step.key)) return undefined;
  return (value as Record<string, unknown>)[step.key];
}
