import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect } from "vitest";

/** Inputs of each property in the long run: `FUZZ_RUNS=100000`. Every day has a few. */
const longRuns = process.env.FUZZ_RUNS === undefined ? undefined : Number(process.env.FUZZ_RUNS);
const dailyRuns = 200;

/** Milliseconds for a whole property: the long run takes its time. */
export const fuzzTimeout: number = Math.max(120_000, (longRuns ?? dailyRuns) * 40);

/** Milliseconds for one case, beyond which it counts as hanging. */
const caseBoundMs = 60_000;

/** Seconds after which a property of the long run ends as it stands; it then says how far it came. */
const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? 0);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects what nothing refers to, and lets native modules let go of it, which they do in a turn of their own. */
export async function collectGarbage(): Promise<void> {
  collect();
  await setImmediate();
}

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

interface FuzzOptions {
  /** Of the inputs of every day, where one costs more. Default 1. */
  readonly share?: number;
  /** Inputs under way at a time, where most of the time is waiting. Default 1. */
  readonly together?: number;
}

/**
 * Tries a parser on inputs: all that `FUZZ_RUNS` asks for, and on other days 200 or a share of them. The long run
 * says how many there were, and how long they took.
 *
 * @param check also takes the place of the input among those that are under way, from 0
 */
export async function fuzz<T>(
  input: fc.Arbitrary<T>,
  check: (value: T, place: number) => Promise<void>,
  { share = 1, together = 1 }: FuzzOptions = {},
): Promise<void> {
  const wanted = longRuns ?? Math.max(20, Math.ceil(dailyRuns * share));
  let runs = 0;
  const inputs = fc.array(input, { minLength: together, maxLength: together });
  const property = fc.asyncProperty(inputs, async (values) => {
    runs += values.length;
    // All of them end before the next begin, also where one fails.
    const results = await Promise.allSettled(values.map(async (value, place) => await check(value, place)));
    const place = results.findIndex(({ status }) => status === "rejected");
    if (place < 0) return;
    const { reason } = results[place] as PromiseRejectedResult;
    if (together > 1) console.error("The input:", values[place]);
    throw reason;
  });
  const started = performance.now();
  const limit = fuzzSeconds > 0 && { interruptAfterTimeLimit: fuzzSeconds * 1_000 };
  await fc.assert(property, { numRuns: Math.ceil(wanted / together), ...limit });
  if (longRuns === undefined) return;
  const seconds = Math.round((performance.now() - started) / 1_000);
  console.log(`${expect.getState().currentTestName}: ${runs} of ${wanted} inputs in ${seconds} s`);
}

/**
 * A directory of files that are written over and over: each stays open, because creating a file for each input
 * costs more than to read it.
 */
export class Scratch {
  readonly path: string = mkdtempSync(join(tmpdir(), "ragfood-fuzz-"));
  readonly #descriptors = new Map<string, number>();

  /** The path of the file of this name, with this in it. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    const descriptor = this.#descriptors.get(name) ?? openSync(path, "w");
    this.#descriptors.set(name, descriptor);
    const bytes = Buffer.from(content);
    ftruncateSync(descriptor, bytes.length);
    writeSync(descriptor, bytes, 0, bytes.length, 0);
    return path;
  }

  remove(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Words that mean something to one parser or another, among anything at all. */
export const soup: fc.Arbitrary<string> = fc.oneof(
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

/** Nests so deep that recursion fails; each is costly to read, so that few are tried. */
const deepNests = [
  ...[2_000, 20_000].map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
  ...[20_000, 200_000].map(
    (depth) => `[{"id":"a","text":"b","data":"c","m":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}]`,
  ),
];

/** JSON with what JSON in the wild brings: `__proto__`, great numbers, deep nests, wrong types, cuts. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  { weight: 120, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)) },
  {
    weight: 120,
    arbitrary: fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(200))
      .map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...deepNests) },
  { weight: 60, arbitrary: soup },
);

/** A document with some of its values replaced by something else: close to valid, so that it gets far in. */
export function mutated(document: unknown): fc.Arbitrary<string> {
  return mutatedValue(document).map((value) => JSON.stringify(value));
}

/** As `mutated`, before it is made text. */
export function mutatedValue<T>(document: T): fc.Arbitrary<T> {
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
  if (paths.length === 0) return strange as fc.Arbitrary<T>;
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
      // A copy: the same list within itself would be no JSON.
      else parent[kind === "add" ? `${name}2` : name] = structuredClone(value);
    }
    return copy;
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
