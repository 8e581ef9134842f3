import { DataError, type DataFault, type RagfoodError, StorageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";

interface DamageOptions extends Pick<DataFault, "line" | "id"> {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A file of a dump is not what was written. */
export function damaged(file: string, problem: string, options: DamageOptions = {}): DataError {
  const { line, id, cause } = options;
  const place = line === undefined ? "" : `, line ${line}`;
  const record = id === undefined ? "" : `, record ${quoted(id)}`;
  return new DataError(file, `${file}${place}${record}: ${problem}.`, {
    faults: [{ ...(line !== undefined && { line }), ...(id !== undefined && { id }), problem }],
    hint: options.hint ?? "The dump is damaged: take another copy of it, or export it again.",
    ...(cause !== undefined && { cause }),
  });
}

/** The file system refused to write. */
export function notWritten(path: string, error: unknown): StorageError {
  return new StorageError(path, `${path} cannot be written: ${(error as Error).message}`, {
    cause: error,
    hint: "Check that its directory exists, may be written, and has room. Nothing was left that looks whole.",
  });
}

export function notRead(path: string, error: unknown): RagfoodError {
  return new StorageError(path, `${path} cannot be read: ${(error as Error).message}`, {
    cause: error,
    hint: "Check that it exists and may be read.",
  });
}
