import { Readable, type TransformOptions } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip, type ZlibOptions } from "node:zlib";
import { z } from "zod";
import type { StoreRecord, Vector } from "../../store/document.ts";
import { damaged } from "./faults.ts";
import type {
  ReadShardOptions,
  RecordBatches,
  ShardEncoder,
  ShardEncoderOptions,
  ShardFile,
} from "./shard.ts";
import { ShardOutput } from "./shard-output.ts";

/** A longer line is refused on both ways, so that a damaged file cannot fill the memory. Bytes. */
const maximumLineBytes = 64 * 2 ** 20;

/** Text gathered before it goes to the compressor; bytes of what the compressor gives at a time. */
const pieceLength = 2 ** 18;

const newline = 0x0a;

const lineSchema = z.strictObject({
  id: z.string(),
  text: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  vector: z.string().optional(),
  sparseVector: z.strictObject({ indices: z.array(z.int().min(0)), values: z.string() }).optional(),
});

type Line = z.infer<typeof lineSchema>;

/** Writes records as gzipped JSON Lines, vectors as base64 of little-endian float32. */
export class JsonlEncoder implements ShardEncoder {
  readonly #path: string;
  readonly #output: ShardOutput;
  #lines = "";
  #contentByteCount = 0;

  constructor({ path, file, key, hasVectors }: ShardEncoderOptions) {
    // Base64 of floats repeats nothing: coding its 64 letters by their frequency makes it about as small as
    // looking for repetitions does, in a third of the time. Without vectors, it is text.
    const strategy = hasVectors ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY;
    const options: ZlibOptions & TransformOptions = {
      level: 1,
      strategy,
      chunkSize: pieceLength,
      // Several pieces: the next is made while one is compressed on another thread.
      highWaterMark: 4 * pieceLength,
    };
    this.#path = path;
    this.#output = new ShardOutput(path, file, createGzip(options), key);
  }

  get contentByteCount(): number {
    return this.#contentByteCount;
  }

  append(record: StoreRecord): Promise<void> | undefined {
    const line = `${encodeLine(record)}\n`;
    const length = Buffer.byteLength(line);
    if (length > maximumLineBytes) {
      throw damaged(this.#path, `it takes ${length} bytes; a line has at most ${maximumLineBytes}`, {
        id: record.id,
        hint: "Make the text or the metadata of the record smaller, or leave it out.",
      });
    }
    this.#contentByteCount += length;
    this.#lines += line;
    if (this.#lines.length < pieceLength) return undefined;
    const piece = this.#lines;
    this.#lines = "";
    return this.#output.write(piece);
  }

  async end(): Promise<ShardFile> {
    if (this.#lines !== "") await this.#output.write(this.#lines);
    return await this.#output.end();
  }

  destroy(): Promise<void> {
    return this.#output.destroy();
  }
}

/** The records of a shard in batches. @throws {DataError} naming the line */
export async function* readJsonl(content: Iterable<Uint8Array>, options: ReadShardOptions): RecordBatches {
  const { path, batchSize, includeVectors } = options;
  let batch: StoreRecord[] = [];
  let number = 0;
  for await (const line of linesOf(content, options)) {
    number++;
    batch.push(decodeLine(line, path, number, includeVectors));
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* linesOf(content: Iterable<Uint8Array>, options: ReadShardOptions): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldLength = 0;
  let number = 1;
  for await (const piece of unzipped(content, options)) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const rest = piece.subarray(start, end);
      yield held.length === 0 ? rest : Buffer.concat([...held, rest]);
      held = [];
      heldLength = 0;
      start = end + 1;
      number++;
    }
    held.push(piece.subarray(start));
    heldLength += piece.length - start;
    if (heldLength > maximumLineBytes) {
      throw damaged(options.path, `it is longer than ${maximumLineBytes} bytes`, { line: number });
    }
  }
  if (heldLength > 0) throw damaged(options.path, "the file ends in the middle of it", { line: number });
}

async function* unzipped(content: Iterable<Uint8Array>, options: ReadShardOptions): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: pieceLength });
  const source = Readable.from(content, { objectMode: false });
  let length = 0;
  try {
    // The iteration below throws what the pipeline would.
    pipeline(source, gunzip).catch(() => {});
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > options.contentByteCount) break;
      yield piece;
    }
  } catch (cause) {
    throw damaged(options.path, `it cannot be unzipped: ${(cause as Error).message}`, { cause });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  if (length !== options.contentByteCount) {
    const found = length > options.contentByteCount ? "more" : length;
    throw damaged(
      options.path,
      `it holds ${found} bytes of records; the manifest says ${options.contentByteCount}`,
    );
  }
}

/** The vector comes last and as it is: base64 needs no escapes, which a JSON writer would look for. */
function encodeLine({ id, text, metadata, vector, sparseVector }: StoreRecord): string {
  const line: Line = {
    id,
    ...(text !== undefined && { text }),
    ...(metadata !== undefined && { metadata }),
    ...(sparseVector !== undefined && {
      sparseVector: { indices: [...sparseVector.indices], values: toBase64(sparseVector.values) },
    }),
  };
  const json = JSON.stringify(line);
  return vector === undefined ? json : `${json.slice(0, -1)},"vector":"${toBase64(vector)}"}`;
}

function decodeLine(bytes: Buffer, path: string, line: number, includeVectors: boolean): StoreRecord {
  const { id, text, metadata, vector, sparseVector } = parseLine(bytes, path, line);
  return {
    id,
    ...(text !== undefined && { text }),
    ...(metadata !== undefined && { metadata }),
    ...(includeVectors && vector !== undefined && { vector: fromBase64(vector) }),
    ...(includeVectors &&
      sparseVector !== undefined && {
        sparseVector: { indices: sparseVector.indices, values: [...fromBase64(sparseVector.values)] },
      }),
  };
}

function parseLine(bytes: Buffer, path: string, line: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (cause) {
    throw damaged(path, `it is not JSON: ${(cause as Error).message}`, { line, cause });
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return { ...parsed.data, ...metadataOf(value) };
  const issue = parsed.error.issues[0];
  throw damaged(path, `it is not a record: ${issue?.path.join(".") || "the whole"}: ${issue?.message}`, {
    line,
  });
}

/** As it was parsed: the schema drops keys such as `__proto__`. */
function metadataOf(value: unknown): Pick<Line, "metadata"> {
  const { metadata } = value as Line;
  return metadata === undefined ? {} : { metadata };
}

function toBase64(vector: Vector): string {
  const { buffer, byteOffset, byteLength } =
    vector instanceof Float32Array ? vector : Float32Array.from(vector);
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function fromBase64(text: string): Float32Array {
  // Memory of its own: floats start at a multiple of four.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text, "base64"));
  bytes.write(text, "base64");
  return new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}
