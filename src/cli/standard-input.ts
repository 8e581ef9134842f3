import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CancelledError } from "../foundation/errors.ts";

/**
 * Keeps standard input in a file while `action` works on it: a data file is read twice, once before
 * anything is written.
 *
 * @throws {CancelledError} when the signal fires
 */
export async function withInputFile<T>(
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
  action: (file: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "ragfood-input-"));
  try {
    const file = join(directory, "input");
    try {
      await pipeline(input, createWriteStream(file), { signal });
    } catch (error) {
      if (signal.aborted) throw new CancelledError("Stopped; nothing was written.", { cause: error });
      throw error;
    }
    return await action(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
