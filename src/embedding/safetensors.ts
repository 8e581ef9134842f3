import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { endianness } from "node:os";
import { z } from "zod";
import { DataError } from "../foundation/errors.ts";

/** One tensor of a safetensors file. */
export interface TensorEntry {
  /** `F32`, `F16`, `I64` and so on. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Bytes before the header: its length as an unsigned 64-bit integer. */
const prefixBytes = 8;

const wholeNumber = z.number().int().nonnegative();

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(wholeNumber),
    data_offsets: z.tuple([wholeNumber, wholeNumber]),
  }),
);

/**
 * The tensors that a safetensors file lists, by name. Reads only the header.
 * @throws {DataError} if it is not a safetensors file, or ends before its last tensor
 */
export function readTensorEntries(file: string): Map<string, TensorEntry> {
  const descriptor = openFile(file);
  try {
    const fileBytes = fstatSync(descriptor).size;
    const prefix = Buffer.alloc(prefixBytes);
    readSync(descriptor, prefix, 0, prefixBytes, 0);
    const headerBytes = Number(prefix.readBigUInt64LE());
    const dataStart = prefixBytes + headerBytes;
    if (dataStart > fileBytes) throw notSafetensors(file);
    const header = Buffer.alloc(headerBytes);
    readSync(descriptor, header, 0, headerBytes, prefixBytes);
    const entries = parseHeader(file, header.toString("utf8"), dataStart);
    for (const [name, { offset, byteLength }] of entries) {
      if (byteLength < 0 || offset + byteLength > fileBytes) {
        throw notSafetensors(file, `the tensor ${name} goes beyond its end`);
      }
    }
    return entries;
  } finally {
    closeSync(descriptor);
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, "r");
  } catch (cause) {
    throw new DataError(file, `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parseHeader(file: string, text: string, dataStart: number): Map<string, TensorEntry> {
  let header: z.infer<typeof headerSchema>;
  try {
    const { __metadata__: _, ...tensors } = JSON.parse(text);
    header = headerSchema.parse(tensors);
  } catch (cause) {
    throw notSafetensors(file, "its header is not valid", cause);
  }
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => [name, { dtype, shape, offset: dataStart + start, byteLength: end - start }],
    ),
  );
}

/**
 * The numbers of an `F32` tensor, row after row.
 * @throws {DataError} if the file is shorter than its header says
 */
export async function readFloats(file: string, { offset, byteLength }: TensorEntry): Promise<Float32Array> {
  const bytes = Buffer.from(new ArrayBuffer(byteLength));
  const handle = await open(file, "r");
  try {
    for (let done = 0; done < byteLength; ) {
      const { bytesRead } = await handle.read(bytes, done, byteLength - done, offset + done);
      if (bytesRead === 0) throw notSafetensors(file, "it is cut short");
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (endianness() === "BE") bytes.swap32();
  return new Float32Array(bytes.buffer, 0, byteLength / Float32Array.BYTES_PER_ELEMENT);
}

function notSafetensors(file: string, problem = "its header is not valid", cause?: unknown): DataError {
  return new DataError(file, `${file} is not a whole safetensors file: ${problem}.`, {
    cause,
    hint: "Download it again; a clone without Git LFS leaves a pointer of a few lines in its place.",
  });
}
