import { blockBytes, padding, parseExtended, parseHeader, type TarEntry } from "./tar.ts";

const maximumExtendedBytes = 2 ** 20;

/** What to do with the entries of an archive, one after the other. */
export interface TarVisitor {
  begin(entry: TarEntry): Promise<void>;
  content(piece: Uint8Array): Promise<void>;
  end(entry: TarEntry): Promise<void>;
}

/**
 * Walks through an archive in memory bounded by its pieces.
 * @throws {Error} where it is not an archive of files and directories, or ends early
 */
export async function readTar(pieces: AsyncIterable<Buffer>, visitor: TarVisitor): Promise<void> {
  const bytes = new ByteQueue(pieces);
  let extended: ReturnType<typeof parseExtended> = {};
  for (;;) {
    const found = parseHeader(await bytes.take(blockBytes));
    if (found === undefined) break;
    const { isExtended, ...header } = found;
    if (isExtended) {
      if (header.size > maximumExtendedBytes)
        throw new Error("an extended header of the archive is too long");
      extended = parseExtended(await bytes.take(header.size));
      await bytes.take(padding(header.size));
      continue;
    }
    const entry: TarEntry = { ...header, ...extended };
    extended = {};
    await visitor.begin(entry);
    for (let left = entry.size; left > 0; ) {
      const piece = await bytes.some(left);
      left -= piece.length;
      await visitor.content(piece);
    }
    await bytes.take(padding(entry.size));
    await visitor.end(entry);
  }
  await bytes.rest();
}

/** Takes bytes from a stream in the amounts that are asked for. */
class ByteQueue {
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0; ) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one byte, at most `count`. */
  async some(count: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) throw new Error("the archive ends early");
      this.#held = next.value;
    }
    const part = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(part.length);
    return part;
  }

  /** Reads to the end, so that what decompresses the stream sees its checksum. */
  async rest(): Promise<void> {
    for (;;) {
      const next = await this.#pieces.next();
      if (next.done) return;
    }
  }
}
