import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

/** What a side file says of the mirror in it. */
export interface MirrorHeader {
  readonly version: 1;
  /** What the database knows this very file by. */
  readonly token: string;
  readonly rowCount: number;
  /** The last tombstone that the mirror has seen. */
  readonly tombstone: number;
  readonly byteCodes: boolean;
  /** Bytes that the codes of the dense vectors take; 0 where there are none. */
  readonly denseBytes: number;
}

/** A mirror in pieces: slots (float64), live flags (uint8), codes of the dense vectors, sparse postings. */
export interface MirrorPieces {
  readonly slots: Float64Array;
  readonly live: Uint8Array;
  readonly dense: Iterable<Uint8Array>;
  readonly sparse: Iterable<Uint8Array>;
}

/** A side file that is being read, from front to end. */
export interface MirrorReader {
  /** The next so many bytes, in a buffer of their own. @throws {RangeError} where there are fewer */
  take(length: number): Uint8Array;
  /** The same, in pieces. */
  pieces(length: number): Iterable<Uint8Array>;
}

/** JSON, padded with blanks. */
const headerBytes = 512;
const checksumBytes = 4;
const pieceBytes = 1024 * 1024;

/**
 * Keeps a mirror beside its database, so that it need not be built anew: header, slots, live flags,
 * codes, postings, and the CRC-32 of all that. Written to a draft that takes the place of the file before.
 */
export function writeMirrorFile(path: string, header: MirrorHeader, pieces: MirrorPieces): void {
  const draft = `${path}.${process.pid}.draft`;
  const descriptor = openSync(draft, "w");
  try {
    let checksum = 0;
    const write = (bytes: Uint8Array) => {
      checksum = crc32(bytes, checksum);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    };
    write(Buffer.from(JSON.stringify(header).padEnd(headerBytes)));
    write(bytesOf(pieces.slots));
    write(pieces.live);
    for (const piece of pieces.dense) write(piece);
    for (const piece of pieces.sparse) write(piece);
    writeSync(descriptor, Uint32Array.of(checksum));
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads what `writeMirrorFile` wrote.
 *
 * @param accept whether the header is of the mirror that is wanted; otherwise nothing more is read
 * @param restore takes codes and postings; what it has taken is void when this returns `undefined`
 * @returns `undefined` where there is no such file, it is of another mirror, or it is damaged
 */
export function readMirrorFile(
  path: string,
  accept: (header: MirrorHeader) => boolean,
  restore: (header: MirrorHeader, reader: MirrorReader) => void,
): { header: MirrorHeader; slots: Float64Array; live: Uint8Array } | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    const reader = new FileReader(descriptor);
    const header = JSON.parse(Buffer.from(reader.take(headerBytes)).toString()) as MirrorHeader;
    if (!accept(header)) return undefined;
    const slots = new Float64Array(reader.take(header.rowCount * 8).buffer);
    const live = reader.take(header.rowCount);
    restore(header, reader);
    return reader.isIntact() ? { header, slots, live } : undefined;
  } catch {
    // The database has it all: a side file that cannot be used is one that is not there.
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a side file from front to end and sums it up on the way. */
class FileReader implements MirrorReader {
  readonly #descriptor: number;
  readonly #end: number;
  #position = 0;
  #checksum = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#end = fstatSync(descriptor).size - checksumBytes;
  }

  take(length: number): Uint8Array {
    if (this.#position + length > this.#end) throw new RangeError("the side file ends early");
    const bytes = new Uint8Array(length);
    this.#fill(bytes);
    this.#checksum = crc32(bytes, this.#checksum);
    return bytes;
  }

  *pieces(length: number): Generator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const piece = this.take(Math.min(pieceBytes, left));
      left -= piece.length;
      yield piece;
    }
  }

  /** Whether everything was read and is as it was written. */
  isIntact(): boolean {
    if (this.#position !== this.#end) return false;
    const written = new Uint32Array(1);
    this.#fill(bytesOf(written));
    return written[0] === this.#checksum;
  }

  #fill(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#descriptor, bytes, done, bytes.length - done, this.#position);
      if (read === 0) throw new RangeError("the side file ends early");
      done += read;
      this.#position += read;
    }
  }
}

function bytesOf(numbers: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
