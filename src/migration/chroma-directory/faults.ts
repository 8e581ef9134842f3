import { DataError, type DataFault, type RagfoodErrorOptions } from "../../foundation/errors.ts";

interface DamageOptions extends RagfoodErrorOptions {
  /** The record that cannot be read. */
  readonly id?: string;
}

/** What to do about a store that is not whole. */
export const salvageHint =
  "Restore a backup of the directory, or read what is whole with salvage, which lists what it leaves out.";

/** A file of a Chroma directory that is not as Chroma writes it. */
export function damage(file: string, problem: string, options: DamageOptions = {}): DataError {
  const { id, hint = salvageHint, cause } = options;
  const fault: DataFault = { problem, ...(id !== undefined && { id }) };
  const record = id === undefined ? "" : `, record ${JSON.stringify(id)}`;
  return new DataError(file, `${file}${record}: ${problem}.`, { faults: [fault], hint, cause });
}

/** A directory or file that cannot be taken for a Chroma store that this reader knows. */
export function notReadable(path: string, problem: string, hint: string, cause?: unknown): DataError {
  return new DataError(path, `${path} ${problem}.`, { faults: [{ problem }], hint, cause });
}
