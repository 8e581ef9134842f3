import { readFileSync } from "node:fs";
import { DataError, RagfoodError } from "../errors.ts";
import type { VectorIndex } from "./index/vector-index.ts";
import { dispatch, resolveTarget } from "./protocol/dispatch.ts";
import { Faults } from "./protocol/faults.ts";

/** A record of a seed file, with its place in it, both from 1. */
interface SeedRecord {
  readonly item: Readonly<Record<string, unknown>>;
  readonly line: number;
  readonly number: number;
}

const hint = 'It has to be a list of records, like [{"id": "1", "data": "a text"}], or one record a line.';

/**
 * Fills an index that holds nothing from a file: a JSON list or JSON Lines of records as `upsert` takes
 * them (with `vector` or `sparseVector`) or as `upsert-data` does (with `data` alone), each with an
 * optional `namespace`. An index that holds records is left as it is.
 *
 * @throws {DataError} when the file cannot be read, or holds a record that the index does not take, by line
 */
export async function seedIndex(index: VectorIndex, file: string): Promise<void> {
  if (index.info().namespaces.some(({ recordCount }) => recordCount > 0)) return;
  const { batch } = index.limits;
  const write = (path: string, records: readonly SeedRecord[]) =>
    dispatch(
      index,
      new Faults(),
      resolveTarget(path, ""),
      records.map(({ item: { namespace: _, ...item } }) => item),
    );
  try {
    for (const [path, records] of groups(readItems(file))) {
      for (let start = 0; start < records.length; start += batch) {
        const part = records.slice(start, start + batch);
        await write(path, part).catch(async (error: unknown) => {
          if (!RagfoodError.is(error)) throw error;
          throw refused(file, (await findRefused(part, (record) => write(path, [record]))) ?? { error });
        });
      }
    }
  } catch (error) {
    // Half a seed would pass for a whole one at the next start.
    index.resetAll();
    throw error;
  }
}

interface Refusal {
  readonly record?: SeedRecord;
  readonly error: RagfoodError;
}

/** The first record that is not taken by itself either. */
async function findRefused(
  records: readonly SeedRecord[],
  write: (record: SeedRecord) => Promise<unknown>,
): Promise<Refusal | undefined> {
  for (const record of records) {
    try {
      await write(record);
    } catch (error) {
      if (RagfoodError.is(error)) return { record, error };
      throw error;
    }
  }
  return undefined;
}

function refused(file: string, { record, error }: Refusal): DataError {
  const place = record === undefined ? "" : `line ${record.line}, record ${record.number}: `;
  return new DataError(file, `${file} cannot seed the index: ${place}${error.message}`, {
    cause: error,
    ...(record && { faults: [{ line: record.line, index: record.number - 1, problem: error.message }] }),
    hint: error.hint ?? hint,
  });
}

function readItems(file: string): SeedRecord[] {
  const text = readText(file);
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

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw unusable(file, (error as Error).message, error);
  }
}

function readLines(file: string, text: string): { item: unknown; line: number }[] {
  return text.split("\n").flatMap((content, place) => {
    if (content.trim() === "") return [];
    const line = place + 1;
    try {
      return { item: JSON.parse(content) as unknown, line };
    } catch (error) {
      throw unusable(file, `line ${line}: ${(error as Error).message}`, error);
    }
  });
}

function readList(file: string, text: string): { item: unknown; line: number }[] {
  try {
    const lines = elementLines(text);
    return (JSON.parse(text) as unknown[]).map((item, place) => ({ item, line: lines[place] as number }));
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    // Where V8 tells no position the list ends early.
    const before = position === undefined ? text.trimEnd() : text.slice(0, Number(position));
    throw unusable(file, `line ${before.split("\n").length}: ${message}`, error);
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

function unusable(file: string, problem: string, cause?: unknown): DataError {
  return new DataError(file, `${file} cannot be read as a seed: ${problem}`, { cause, hint });
}

/** Records by the path that takes them: the command, and the namespace where there is one. */
function groups(records: readonly SeedRecord[]): Map<string, SeedRecord[]> {
  const byPath = new Map<string, SeedRecord[]>();
  for (const record of records) {
    const { namespace } = record.item;
    const command = "vector" in record.item || "sparseVector" in record.item ? "upsert" : "upsert-data";
    const path = typeof namespace === "string" && namespace !== "" ? `${command}/${namespace}` : command;
    const group = byPath.get(path);
    if (group) group.push(record);
    else byPath.set(path, [record]);
  }
  return byPath;
}
