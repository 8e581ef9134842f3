import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataError, type DataFault } from "../foundation/errors.ts";
import { formatJsonPath, JsonError, parseJson } from "../foundation/exact-json/index.ts";
import { systemFailure } from "../foundation/file-failure.ts";
import { ElementScanner, type JsonElement, notJson } from "./json-elements.ts";

/** A parsed record, of any type, with its place in the file. */
export interface FileRecord {
  readonly value: unknown;
  /** Line that the record starts on, from 1. */
  readonly line: number;
  /** Place in the file, from 0. */
  readonly index: number;
}

export interface ReadOptions {
  /** What messages call the file. Default: its path. */
  readonly name?: string;
  /** Called instead of throwing for a record with a value that would change; the record is skipped. */
  readonly onFault?: (fault: DataFault) => void;
  /** Half of a surrogate pair, which a store does not take: keep it, or treat it as a fault. Default: `keep`. */
  readonly loneSurrogates?: "keep" | "refuse";
  /** Integers beyond 2^53: treat them as a fault, or return them as `bigint`. Default: `refuse`. */
  readonly largeIntegers?: "bigint" | "refuse";
  /** Whether a number such as `1.0` comes as `JsonText`, so that it is stored as it is written. Default: false. */
  readonly exactNumbers?: boolean;
}

const gzipMagic = "1f8b";
const utf16Marks = ["fffe", "feff"];

/**
 * The records of a JSON list or a JSON Lines file, gzipped or not, one at a time: memory does not grow
 * with the file. A byte-order mark is skipped. The file is read once, from its start: it may be a pipe.
 *
 * @throws {DataError} if the file cannot be read, is not UTF-8 or not JSON, or holds a value that JavaScript would
 * change (a number beyond the range of a double, a key that occurs twice, and an integer beyond 2^53 unless it is
 * returned as `bigint`); with the line, the record and the key
 */
export async function* readRecords(file: string, options: ReadOptions = {}): AsyncGenerator<FileRecord> {
  const { name = file } = options;
  const scanner = new ElementScanner(name);
  for await (const chunk of readText(file, name)) {
    for (const element of scanner.push(chunk)) yield* toRecords(name, element, options);
  }
  for (const element of scanner.end()) yield* toRecords(name, element, options);
}

function* toRecords(
  name: string,
  element: JsonElement,
  { onFault, loneSurrogates = "keep", largeIntegers = "refuse", exactNumbers }: ReadOptions,
): Generator<FileRecord> {
  const { line, index } = element;
  try {
    const value = parseJson(element.text, {
      firstLine: line,
      largeIntegers,
      loneSurrogates,
      ...(exactNumbers && { literals: "everywhere" }),
    });
    yield { value, line, index };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (error.kind === "syntax") throw notJson(name, error.place?.line ?? line, error.problem, index);
    const fault = faultOf(error, element);
    if (onFault === undefined) throw changedValue(name, fault);
    onFault(fault);
  }
}

function faultOf({ path, place, problem, kind }: JsonError, { line, index }: JsonElement): DataFault {
  const key = path.length === 0 ? "" : `${formatJsonPath(path)}: `;
  const advice = kind === "large-integer" || kind === "number-range" ? "; write it in quotes, as text" : "";
  return { line: place?.line ?? line, index, problem: `${key}${problem}${advice}` };
}

function changedValue(name: string, fault: DataFault): DataError {
  const { line, index = 0, problem } = fault;
  return new DataError(name, `${name}: line ${line}, record ${index + 1}: ${problem}.`, { faults: [fault] });
}

async function* readText(file: string, name: string): AsyncGenerator<string> {
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of unzipped(bytes, name)) yield decoder.decode(chunk, { stream: true });
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

/** The bytes of the file, unpacked if they begin as gzip does. */
async function* unzipped(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const chunks = bytes[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  // A pipe may bring one byte first.
  while (start.length < 2) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  const magic = start.toString("hex", 0, 2);
  if (utf16Marks.includes(magic)) {
    throw new DataError(name, `${name} is UTF-16 text.`, { hint: "Save it as UTF-8." });
  }
  const whole = (async function* () {
    yield start;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  if (magic !== gzipMagic) yield* whole;
  else {
    const packed = Readable.from(whole);
    const unpacked = createGunzip();
    packed.on("error", (error) => unpacked.destroy(error));
    yield* packed.pipe(unpacked) as AsyncIterable<Buffer>;
  }
}

function unreadable(file: string, error: unknown): DataError {
  const code = (error as { code?: string }).code;
  const reason =
    code === "ENOENT"
      ? "does not exist"
      : code === "EISDIR"
        ? "is a directory"
        : `cannot be read: ${systemFailure(error)?.problem ?? (error as Error).message}`;
  return new DataError(file, `${file} ${reason}.`, {
    cause: error,
    hint: "Name the data file with JSON_FILE, or as the argument of `ragfood ingest`.",
  });
}
