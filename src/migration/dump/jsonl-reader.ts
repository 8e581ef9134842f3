import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BoundedBatch } from "../../foundation/bounded-batch.ts";
import type { StoreRecord } from "../../store/document.ts";
import { maximumLineBytes } from "../record-problems.ts";
import { damaged } from "./faults.ts";
import { decodeLine } from "./jsonl-line.ts";
import type { ReadShardOptions, RecordBatches } from "./shard.ts";

/** Bytes of content that the decompressor gives at a time. */
const pieceBytes = 2 ** 18;

const newline = 0x0a;

/** The records of a shard in batches. @throws {DataError} naming the line */
export async function* readJsonl(content: Iterable<Uint8Array>, options: ReadShardOptions): RecordBatches {
  const batch = new BoundedBatch<StoreRecord>(options.batchSize);
  let number = 0;
  for await (const lines of linesOf(content, options)) {
    for (const line of lines) {
      number++;
      const full = batch.add(decodeLine(line, number, options), line.length);
      if (full) yield full;
    }
  }
  const rest = batch.take();
  if (rest.length > 0) yield rest;
}

/** The lines that end in each piece of the content. */
async function* linesOf(content: Iterable<Uint8Array>, options: ReadShardOptions): AsyncGenerator<Buffer[]> {
  let held: Buffer[] = [];
  let heldLength = 0;
  let number = 1;
  for await (const piece of unzipped(content, options)) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const rest = piece.subarray(start, end);
      lines.push(held.length === 0 ? rest : Buffer.concat([...held, rest]));
      held = [];
      heldLength = 0;
      start = end + 1;
    }
    yield lines;
    number += lines.length;
    held.push(piece.subarray(start));
    heldLength += piece.length - start;
    if (heldLength > maximumLineBytes) {
      throw damaged(options.path, `it is longer than ${maximumLineBytes} bytes`, { line: number });
    }
  }
  if (heldLength > 0) throw damaged(options.path, "the file ends in the middle of it", { line: number });
}

async function* unzipped(content: Iterable<Uint8Array>, options: ReadShardOptions): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
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
