import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { draftOf } from "../../foundation/drafts.ts";
import { publish } from "../../foundation/durable-file.ts";
import { ownerFile } from "../../foundation/owner-only.ts";

/** The header of a side file. */
export interface MirrorHeader {
  readonly version: 2;
  /** Identifies this file; the database has the same token. */
  readonly token: string;
  readonly rowCount: number;
  /** The last tombstone that the mirror includes. */
  readonly tombstone: number;
  readonly byteCodes: boolean;
  /** Bytes of the int8 codes; 0 without them. */
  readonly codeBytes: number;
}

/**
 * A mirror in pieces: slots (float64), live flags (uint8), bits of the dense vectors, sparse postings; and the
 * int8 codes, which the first search does not need.
 */
export interface MirrorPieces {
  readonly slots: Float64Array;
  readonly live: Uint8Array;
  readonly bits: Iterable<Uint8Array>;
  readonly sparse: Iterable<Uint8Array>;
  readonly bytes: Iterable<Uint8Array>;
}

/** A side file that is read from start to end. */
export interface MirrorReader {
  /** The next `length` bytes, in their own buffer. @throws {RangeError} if there are fewer */
  take(length: number): Uint8Array;
  /** Reads the next bytes into `target`. @throws {RangeError} if there are fewer */
  fill(target: Uint8Array): void;
}

/** JSON, padded with blanks. */
const headerBytes = 512;
const checksumBytes = 4;

/**
 * Saves a mirror beside its database, so that it need not be rebuilt: header, slots, live flags, bits and
 * postings, the CRC-32 of all that; then the int8 codes and their CRC-32. Written to a draft that replaces
 * the former file.
 */
export function writeMirrorFile(path: string, header: MirrorHeader, pieces: MirrorPieces): void {
  const draft = draftOf(path);
  const descriptor = openSync(draft, "w", ownerFile);
  try {
    let checksum = 0;
    const write = (bytes: Uint8Array) => {
      checksum = crc32(bytes, checksum);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    };
    write(Buffer.from(JSON.stringify(header).padEnd(headerBytes)));
    write(bytesOf(pieces.slots));
    write(pieces.live);
    for (const piece of pieces.bits) write(piece);
    for (const piece of pieces.sparse) write(piece);
    writeSync(descriptor, Uint32Array.of(checksum));
    checksum = 0;
    for (const piece of pieces.bytes) write(piece);
    writeSync(descriptor, Uint32Array.of(checksum));
    publish(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The parts of a side file that were read; the int8 codes start at `bytesAt`. */
export interface MirrorFile {
  readonly header: MirrorHeader;
  readonly slots: Float64Array;
  readonly live: Uint8Array;
  readonly bytesAt: number;
}

/**
 * Reads a file of `writeMirrorFile`, without the int8 codes.
 *
 * @param accept whether the header belongs to the wanted mirror; otherwise reading stops
 * @param restore takes bits and postings, which are invalid if this returns `undefined`
 * @returns `undefined` if the file does not exist, belongs to another mirror, or is damaged
 */
export function readMirrorFile(
  path: string,
  accept: (header: MirrorHeader) => boolean,
  restore: (reader: MirrorReader) => void,
): MirrorFile | undefined {
  return reading(path, 0, (reader) => {
    const header = readHeader(reader);
    if (!accept(header)) return undefined;
    const slots = new Float64Array(reader.take(header.rowCount * 8).buffer);
    const live = reader.take(header.rowCount);
    restore(reader);
    const isWhole = reader.isIntact() && reader.bytesLeft === header.codeBytes + checksumBytes;
    return isWhole ? { header, slots, live, bytesAt: reader.position } : undefined;
  });
}

/**
 * Reads the int8 codes of a side file step by step, after `readMirrorFile`.
 *
 * @param fill takes them from the reader; they are invalid if this returns false
 * @returns false if the file was replaced or is damaged; a damaged file is removed
 */
export function* readBytes(
  path: string,
  { header, bytesAt }: MirrorFile,
  fill: (reader: MirrorReader) => Iterable<void>,
): Generator<void, boolean> {
  const isSame = reading(path, 0, (reader) => readHeader(reader).token === header.token);
  const reader = isSame ? openReader(path, bytesAt) : undefined;
  if (reader === undefined) return false;
  let isIntact = false;
  try {
    yield* fill(reader);
    isIntact = reader.isIntact();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  } finally {
    reader.close();
  }
  if (!isIntact) rmSync(path, { force: true });
  return isIntact;
}

function readHeader(reader: MirrorReader): MirrorHeader {
  return JSON.parse(Buffer.from(reader.take(headerBytes)).toString()) as MirrorHeader;
}

/** The database has all data, so that an unusable side file counts as missing. */
function reading<T>(
  path: string,
  position: number,
  read: (reader: FileReader) => T | undefined,
): T | undefined {
  const reader = openReader(path, position);
  try {
    return reader && read(reader);
  } catch {
    return undefined;
  } finally {
    reader?.close();
  }
}

function openReader(path: string, position: number): FileReader | undefined {
  try {
    return new FileReader(openSync(path, "r"), position);
  } catch {
    return undefined;
  }
}

/** Reads a side file from a position and computes its checksum. */
class FileReader implements MirrorReader {
  readonly #descriptor: number;
  readonly #end: number;
  #position: number;
  #checksum = 0;

  constructor(descriptor: number, position: number) {
    this.#descriptor = descriptor;
    this.#end = fstatSync(descriptor).size;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get bytesLeft(): number {
    return this.#end - this.#position;
  }

  take(length: number): Uint8Array {
    if (this.#position + length > this.#end) throw new RangeError("the side file ends early");
    const bytes = new Uint8Array(length);
    this.fill(bytes);
    return bytes;
  }

  fill(target: Uint8Array): void {
    this.#read(target);
    this.#checksum = crc32(target, this.#checksum);
  }

  /** Whether the bytes read so far match the checksum that comes next. */
  isIntact(): boolean {
    const written = new Uint32Array(checksumBytes / 4);
    this.#read(bytesOf(written));
    return written[0] === this.#checksum;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const read = readSync(this.#descriptor, target, done, target.length - done, this.#position);
      if (read === 0) throw new RangeError("the side file ends early");
      done += read;
      this.#position += read;
    }
  }
}

function bytesOf(numbers: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
