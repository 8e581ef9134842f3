import { floatListReader } from "../kernel/float-lists.ts";

const key = Buffer.from('"vector"');
const [backslash, colon, openBracket, closeBracket, openBrace] = [0x5c, 0x3a, 0x5b, 0x5d, 0x7b];

/** A JSON text in two parts. */
export interface SplitJson {
  /** The text, with `[]` in place of each list that was read. */
  readonly text: string;
  /** By the position of their `[]`. */
  readonly lists: ReadonlyMap<number, Float32Array>;
}

/**
 * Reads the lists of numbers at keys `vector` from the bytes of a JSON text, and decodes only the rest, which is often a
 * hundredth. In JSON, the bytes `"vector":[` are always a key and a list, unless the first quote is escaped.
 *
 * @param bytes valid UTF-8
 * @returns `undefined` if no list can be read so
 */
export function splitVectors(bytes: Buffer): SplitJson | undefined {
  const reader = mayHoldVectors(bytes) ? floatListReader() : undefined;
  if (reader === undefined) return undefined;
  const lists = new Map<number, Float32Array>();
  const pieces: string[] = [];
  let length = 0;
  let done = 0;
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + key.length)) {
    const start = startOfList(bytes, at);
    const end = start === undefined ? -1 : bytes.indexOf(closeBracket, start);
    if (start === undefined || end < 0) continue;
    const floats = reader.read(bytes.subarray(start, end + 1));
    if (floats === undefined) continue;
    const piece = bytes.toString("utf8", done, start);
    lists.set(length + piece.length, floats);
    pieces.push(piece);
    length += piece.length + 2;
    done = end + 1;
  }
  if (lists.size === 0) return undefined;
  pieces.push(bytes.toString("utf8", done));
  return { text: pieces.join("[]"), lists };
}

/** Not the bare id that a client may send. */
function mayHoldVectors(bytes: Buffer): boolean {
  const first = bytes[skipBlanks(bytes, 0)];
  return first === openBracket || first === openBrace;
}

function startOfList(bytes: Buffer, at: number): number | undefined {
  if (bytes[at - 1] === backslash) return undefined;
  const colonAt = skipBlanks(bytes, at + key.length);
  const start = skipBlanks(bytes, colonAt + 1);
  return bytes[colonAt] === colon && bytes[start] === openBracket ? start : undefined;
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
