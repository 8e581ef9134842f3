import { once } from "node:events";
import { dirname } from "node:path";
import buildRoll from "pino-roll";
import { makeDirectories } from "../../foundation/directories.ts";
import { ownerFile } from "../../foundation/owner-only.ts";

export interface LogFileOptions {
  /** `logs/ragfood.log`; a number goes before the extension. */
  readonly path: string;
  /** Megabytes of a file, after which the next one begins. */
  readonly megabytes: number;
  /** Files beside the present one; older ones are deleted. */
  readonly kept: number;
  /** Called once when writing begins to fail, and once when it works again. */
  readonly onHealth: (failure: Error | undefined) => void;
}

/** A file that log lines are appended to. */
export interface LogFile {
  write(line: string): void;
  /** Why the last write failed; `undefined` if it did not. */
  readonly failure: Error | undefined;
  close(): Promise<void>;
}

/** Lines that may wait for a slow or a full disk; further lines are dropped from the file. Bytes. */
const maximumWaiting = 8 * 1_024 * 1_024;

/**
 * Opens a log file that rotates by size. `pino-roll` runs on the main thread and writes asynchronously: its usual place,
 * a worker of `pino.transport`, needs files that do not exist in the bundled command line.
 *
 * @throws {StorageError} if the directory cannot be made
 * @throws {Error} if the file cannot be opened
 */
export async function openLogFile({ path, megabytes, kept, onHealth }: LogFileOptions): Promise<LogFile> {
  makeDirectories(dirname(path));
  const stream = await buildRoll({
    file: path,
    size: `${megabytes}m`,
    limit: { count: kept, removeOtherLogFiles: true },
    maxLength: maximumWaiting,
    mode: ownerFile,
  });
  // Rejects if the file cannot be opened.
  await once(stream, "ready");
  let failure: Error | undefined;
  const report = (error: Error | undefined) => {
    const hasChanged = (error === undefined) !== (failure === undefined);
    failure = error;
    if (hasChanged) onHealth(error);
  };
  stream.on("error", report);
  stream.on("drop", () => report(failure ?? new Error("Lines were dropped: the disk is too slow.")));
  stream.on("drain", () => report(undefined));
  return {
    write: (line) => {
      stream.write(line);
    },
    get failure() {
      return failure;
    },
    close: () =>
      new Promise((resolve) => {
        stream.once("close", resolve);
        // A disk that stays full must not keep the process.
        setTimeout(resolve, 2_000).unref();
        stream.end();
      }),
  };
}
