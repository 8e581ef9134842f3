import { readFileSync } from "node:fs";
import { decodeText } from "../foundation/decode-text.ts";
import { DataError } from "../foundation/errors.ts";
import { parseJson } from "../foundation/exact-json/index.ts";

/** A record of a seed file, with its place in it, both from 1. */
export interface SeedRecord {
  readonly item: Readonly<Record<string, unknown>>;
  readonly line: number;
  readonly number: number;
}

export const seedHint =
  'It has to be a list of records, like [{"id": "1", "data": "a text"}], or one record a line.';

/** Records as `upsert` takes them, or as `upsert-data` does, each with an optional `namespace`. */
export type SeedRecords = readonly Readonly<Record<string, unknown>>[];

/** What errors call a seed: its file, or that it is a list. */
export function nameOfSeed(seed: string | SeedRecords): string {
  return typeof seed === "string" ? seed : "The list of records";
}

/** The records of a seed: a file, or a list. @throws {DataError} when it cannot be read as a list of them, with the line */
export function readSeed(seed: string | SeedRecords): SeedRecord[] {
  const file = nameOfSeed(seed);
  const text = typeof seed === "string" ? readText(seed) : jsonOf(seed);
  const isList = text.trimStart().startsWith("[");
  const items = isList ? readList(file, text) : readLines(file, text);
  return items.map(({ item, line }, place) => {
    const number = place + 1;
    if (typeof item === "object" && item !== null && !Array.isArray(item)) {
      return { item: item as SeedRecord["item"], line, number };
    }
    throw unusable(file, `line ${line}, record ${number} is not an object`);
  });
}

/** Vectors may be typed arrays. */
function jsonOf(records: SeedRecords): string {
  return JSON.stringify(records, (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
  );
}

function readText(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === "ENOENT" ? "it does not exist" : message;
    throw unusable(file, problem, error, "Check the path that --seed or the configuration gives.");
  }
}

function readLines(file: string, text: string): { item: unknown; line: number }[] {
  return text.split("\n").flatMap((content, place) => {
    const line = place + 1;
    return content.trim() === "" ? [] : { item: parse(file, content, line), line };
  });
}

function readList(file: string, text: string): { item: unknown; line: number }[] {
  const items = parse(file, text, 1) as unknown[];
  const lines = elementLines(text);
  return items.map((item, place) => ({ item, line: lines[place] as number }));
}

/** Numbers in metadata keep their digits. */
function parse(file: string, text: string, firstLine: number): unknown {
  try {
    return parseJson(text, { literals: { below: "metadata" }, firstLine });
  } catch (error) {
    throw unusable(file, (error as Error).message.replace(/^line (\d+), /, "line $1: "), error);
  }
}

/** The line that each element of a JSON list starts on, from 1. */
function elementLines(list: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let isAwaited = true;
  for (const [token] of list.matchAll(/"(?:[^"\\]|\\.)*"|[^"]/gs)) {
    if (token === "\n") line++;
    else if (token === "]" || token === "}") depth--;
    else if (token === ",") isAwaited ||= depth === 1;
    else if (token.trim() !== "") {
      if (depth === 1 && isAwaited) {
        lines.push(line);
        isAwaited = false;
      }
      if (token === "[" || token === "{") depth++;
    }
  }
  return lines;
}

function unusable(file: string, problem: string, cause?: unknown, hint: string = seedHint): DataError {
  return new DataError(file, `${file} cannot be read as a seed: ${problem}.`, { cause, hint });
}
