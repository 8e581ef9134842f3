import fc from "fast-check";
import { expect } from "vitest";

/** Cases of each property: few for every day, 100,000 for the long run (`FUZZ_RUNS=100000`). */
export const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 200);

/** Milliseconds for a whole property: the long run takes its time. */
export const fuzzTimeout = Math.max(30_000, fuzzRuns * 40);

/** Milliseconds for one case, beyond which it counts as hanging. */
const caseBoundMs = 5_000;

type Refusal = abstract new (...input: never[]) => Error;

/**
 * Tries a parser on what it is given: it returns, or throws one of the errors that it says it does, and
 * does not hang.
 */
export async function survives(action: () => unknown, ...refusals: Refusal[]): Promise<void> {
  const started = performance.now();
  try {
    await action();
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error;
    if (/\n\s+at .*:\d+:\d+/.test((error as Error).message))
      throw new Error("a stack trace in a message", { cause: error });
  }
  const elapsed = performance.now() - started;
  if (elapsed > caseBoundMs) throw new Error(`one case took ${elapsed} ms`);
}

/** Seconds after which a property of the long run ends as it stands; it then says how far it came. */
const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? 0);

/** Tries `fuzzRuns` inputs; a costly check takes a share of them. */
export async function fuzz<T>(
  input: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  share = 1,
): Promise<void> {
  const numRuns = Math.max(20, Math.ceil(fuzzRuns * share));
  const limit = fuzzSeconds > 0 && { interruptAfterTimeLimit: fuzzSeconds * 1_000 };
  let runs = 0;
  const property = fc.asyncProperty(input, async (value) => {
    runs++;
    await check(value);
  });
  await fc.assert(property, { numRuns, ...limit });
  if (limit) console.log(`${expect.getState().currentTestName}: ${runs} of ${numRuns} inputs`);
}

/** Words that mean something to one parser or another, among anything at all. */
export const soup = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...[
            '{"',
            '":',
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"',
            "'",
            "\\",
            "\\u",
            "\n",
            "\r\n",
            "\t",
            " ",
            "\ufeff",
            "\0",
          ],
          ...[
            "null",
            "true",
            "-",
            "1e999",
            "-0",
            "0.1",
            "9".repeat(30),
            "__proto__",
            "constructor",
            "id",
            "text",
            "data",
          ],
          ...[
            "=",
            "#",
            "export ",
            "$",
            "{X}",
            "`",
            "AND",
            "IN (",
            "GLOB '",
            "*",
            ")",
            "\ud800",
            "é",
            "🍛",
            "[".repeat(2_000),
          ],
        ),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 30 },
    )
    .map((words) => words.join("")),
);

/** JSON with what JSON in the wild brings: `__proto__`, great numbers, deep nests, wrong types, cuts. */
export const jsonText = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(200))
      .map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2_000, 20_000).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(20_000, 200_000)
      .map((depth) => `[{"id":"a","text":"b","data":"c","m":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}]`),
  },
  { weight: 2, arbitrary: soup },
);

/** A document with some of its values replaced by something else: close to valid, so that it gets far in. */
export function mutated(document: unknown): fc.Arbitrary<string> {
  const strange = fc.constantFrom<unknown>(
    ...[
      null,
      true,
      false,
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      "",
      " ",
      "x",
      "\0",
      "../x",
      "__proto__",
      [],
      {},
      [[]],
      [null],
      "🍛",
    ],
  );
  const paths = pathsOf(document);
  const change = fc.record({
    path: fc.constantFrom(...paths),
    value: strange,
    kind: fc.constantFrom("set", "remove", "add"),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = structuredClone(document);
    for (const { path, value, kind } of changes) {
      let parent = copy as Record<string, unknown> | undefined;
      for (const name of path.slice(0, -1)) parent = parent?.[name] as typeof parent;
      if (typeof parent !== "object" || parent === null) continue;
      const name = path.at(-1) as string;
      if (kind === "remove") delete parent[name];
      else parent[kind === "add" ? `${name}2` : name] = value;
    }
    return JSON.stringify(copy);
  });
}

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    [...path, name],
    ...pathsOf(field, [...path, name]),
  ]);
}

/** Bytes with some changed, removed or cut off. */
export function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    place: fc.nat(bytes.length - 1),
    byte: fc.nat(255),
    removed: fc.constantFrom(0, 0, 0, 1, 8),
  });
  return fc.tuple(fc.array(edit, { maxLength: 5 }), fc.option(fc.nat(bytes.length))).map(([edits, cut]) => {
    let copy = Buffer.from(bytes);
    for (const { place, byte, removed } of edits) {
      if (removed > 0) copy = Buffer.concat([copy.subarray(0, place), copy.subarray(place + removed)]);
      else if (place < copy.length) copy[place] = byte;
    }
    return cut === null ? copy : copy.subarray(0, cut);
  });
}
