import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { decodeText } from "../foundation/decode-text.ts";
import { DataError } from "../foundation/errors.ts";
import type { Judgements } from "./metrics/relevance.ts";

const gzipMagic = 0x1f8b;

/**
 * Judgements by query id: tab-separated lines of query, record and grade, as BEIR writes them (with a heading),
 * or query, iteration, record and grade, as TREC does (blank-separated, without one); gzipped or not.
 *
 * @throws {DataError} with the line that is no judgement
 */
export async function readJudgements(file: string): Promise<Map<string, Judgements>> {
  const lines = (await readText(file)).split(/\r?\n/);
  const judgements = new Map<string, Map<string, number>>();
  for (const [place, line] of lines.entries()) {
    if (line.trim() === "" || (place === 0 && /^query-id\b/i.test(line))) continue;
    const cells = line.includes("\t") ? line.split("\t") : line.trim().split(/\s+/);
    const [query, record, grade] = cells.length === 4 ? [cells[0], cells[2], cells[3]] : cells;
    if (!query || !record || !/^[+-]?\d+$/.test(grade ?? "") || cells.length > 4) {
      throw new DataError(file, `${file} line ${place + 1} is no judgement: ${JSON.stringify(line)}.`, {
        faults: [{ line: place + 1, problem: "a line has to hold query, record and a whole grade" }],
        hint: "A judgement looks like: PLAIN-1<tab>MED-2421<tab>2",
      });
    }
    const known = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, known.set(record, Number(grade)));
  }
  if (judgements.size === 0) throw new DataError(file, `${file} holds no judgement.`);
  return judgements;
}

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    const isGzip = bytes.length > 1 && bytes.readUInt16BE() === gzipMagic;
    return decodeText(isGzip ? gunzipSync(bytes) : bytes);
  } catch (error) {
    throw new DataError(file, `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "Name a file of judgements: query, record and grade on each line.",
    });
  }
}
