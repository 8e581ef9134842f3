import { createTarDecoder } from "modern-tar";
import { RagfoodError } from "../../foundation/errors.ts";

export interface TarEntry {
  /** Relative, with `/`; of a directory without one at the end. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** What to do with the entries of an archive, one after the other. */
export interface TarVisitor {
  begin(entry: TarEntry): Promise<void>;
  content(piece: Uint8Array): Promise<void>;
  end(entry: TarEntry): Promise<void>;
}

/**
 * Walks through an archive to the end of its stream, so that a decompressor sees its checksum. Memory is bounded
 * by a few pieces and headers of at most 8 MiB.
 *
 * @throws {Error} if it is not an archive of files and directories, or ends early; errors of `pieces` and of
 * `visitor` as they are
 */
export async function readTar(pieces: AsyncIterable<Uint8Array>, visitor: TarVisitor): Promise<void> {
  let cause: unknown;
  const watched = async function* () {
    try {
      yield* pieces;
    } catch (error) {
      cause = error;
      throw error;
    }
  };
  const visit = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      cause = error;
      throw error;
    }
  };
  try {
    const entries = ReadableStream.from(watched()).pipeThrough(createTarDecoder({ strict: true }));
    for await (const { header, body } of entries) {
      const { type = "file", size } = header;
      if (type !== "file" && type !== "directory") throw new Error(`it holds an entry of type ${type}`);
      const path = header.name.replace(/\/$/, "");
      const entry: TarEntry = { path, type, size, modified: Math.floor(Number(header.mtime) / 1_000) };
      await visit(visitor.begin(entry));
      for await (const piece of body) await visit(visitor.content(piece));
      await visit(visitor.end(entry));
    }
  } catch (error) {
    if (cause !== undefined || error instanceof RagfoodError) throw cause ?? error;
    throw new Error(`the archive is damaged: ${(error as Error).message}`, { cause: error });
  }
}
