import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { DataError } from "../foundation/errors.ts";
import { ElementScanner, type JsonElement, notJson } from "./json-elements.ts";

/** A parsed record, whatever it is, with its place in the file. */
export interface FileRecord {
  readonly value: unknown;
  /** Line that the record starts on, from 1. */
  readonly line: number;
  /** Place in the file, from 0. */
  readonly index: number;
}

const gzipMagic = 0x1f8b;
const utf16Marks = [0xfffe, 0xfeff];

/**
 * The records of a JSON list or a JSON Lines file, gzipped or not, one at a time: memory does not grow
 * with the file. A byte-order mark is skipped.
 *
 * @param name what messages call the file
 * @throws {DataError} when the file cannot be read, is not UTF-8 or not JSON; with the line and the record
 */
export async function* readRecords(file: string, name: string = file): AsyncGenerator<FileRecord> {
  const scanner = new ElementScanner(name);
  for await (const chunk of readText(file, name)) {
    for (const element of scanner.push(chunk)) yield toRecord(name, element);
  }
  for (const element of scanner.end()) yield toRecord(name, element);
}

function toRecord(name: string, element: JsonElement): FileRecord {
  return { value: parse(name, element), line: element.line, index: element.index };
}

async function* readText(file: string, name: string): AsyncGenerator<string> {
  const magic = await readMagic(file);
  if (utf16Marks.includes(magic)) {
    throw new DataError(name, `${name} is UTF-16 text.`, { hint: "Save it as UTF-8." });
  }
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 });
  const stream = magic === gzipMagic ? bytes.pipe(createGunzip()) : bytes;
  bytes.on("error", (error) => stream.destroy(error));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof DataError) throw error;
    if ((error as { code?: string }).code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new DataError(name, `${name} is not UTF-8 text.`, { cause: error, hint: "Save it as UTF-8." });
    }
    throw unreadable(name, error);
  } finally {
    bytes.destroy();
  }
}

/** The first two bytes as a number; 0 for a file of fewer. */
async function readMagic(file: string): Promise<number> {
  try {
    const handle = await open(file, "r");
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 ? buffer.readUInt16BE(0) : 0;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): DataError {
  const code = (error as { code?: string }).code;
  const reason =
    code === "ENOENT"
      ? "does not exist"
      : code === "EISDIR"
        ? "is a directory"
        : `cannot be read: ${(error as Error).message}`;
  return new DataError(file, `${file} ${reason}.`, {
    cause: error,
    hint: "Name the data file with JSON_FILE, or as the argument of `ragfood ingest`.",
  });
}

function parse(file: string, element: JsonElement): unknown {
  try {
    return JSON.parse(element.text);
  } catch (error) {
    const { line, problem } = locate(element, (error as Error).message);
    throw notJson(file, line, problem, element.index);
  }
}

/** V8 tells the place as `… at position 17`, followed by the line and column of the element in later versions. */
function locate(element: JsonElement, message: string): { line: number; problem: string } {
  const position = /at position (\d+)/.exec(message)?.[1];
  const before = position === undefined ? "" : element.text.slice(0, Number(position));
  const problem = message
    .replace(/ (?:in JSON )?at position \d+.*$/s, "")
    .replace(/^\w/, (letter) => letter.toLowerCase());
  return { line: element.line + (before.match(/\n/g)?.length ?? 0), problem };
}
