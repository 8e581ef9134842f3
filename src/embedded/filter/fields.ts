/** Reads one field out of a record's metadata; `undefined` is a missing field, `null` a JSON null. */
export type FieldReader = (metadata: unknown) => unknown;

/** A step into a value: the key of an object, or the index of an element of an array. */
export type FieldStep =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number; readonly fromEnd: boolean };

/**
 * Prepares the reading of a path: `a.b.c`, `list[0]`, `list[#-1]` (`#` is the length). Keys are read only from
 * objects that have them as their own, indexes only from arrays. Brackets without an index are part of the
 * key.
 */
export function compileField(path: string): FieldReader {
  const steps = fieldSteps(path);
  return (metadata) => {
    let value = metadata;
    for (const step of steps) {
      value = take(value, step);
      if (value === undefined) return undefined;
    }
    return value;
  };
}

/** The steps of a path, from the metadata to the field. */
export function fieldSteps(path: string): FieldStep[] {
  return path.split(".").flatMap(readSegment);
}

function readSegment(segment: string): FieldStep[] {
  const bracket = segment.indexOf("[");
  const wholeKey: FieldStep[] = [{ kind: "key", key: segment }];
  if (bracket === -1) return wholeKey;

  const steps: FieldStep[] = [{ kind: "key", key: segment.slice(0, bracket) }];
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

function take(value: unknown, step: FieldStep): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (step.kind === "index") {
    if (!Array.isArray(value)) return undefined;
    return value[step.fromEnd ? value.length - step.index : step.index];
  }
  if (Array.isArray(value) || !Object.hasOwn(value, step.key)) return undefined;
  return (value as Record<string, unknown>)[step.key];
}
