import { DataError, type DataFault, type RagfoodErrorOptions } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { RecordFault } from "../record-fault.ts";

interface DamageOptions extends RagfoodErrorOptions {
  /** The record that cannot be read. */
  readonly id?: string;
}

/** What to do about a damaged store. */
export const salvageHint =
  "Restore a backup of the directory, or read what is whole with --salvage, which lists the records that it skips.";

/** A file of a Chroma directory that is not as Chroma writes it. */
export function damage(file: string, problem: string, options: DamageOptions = {}): DataError {
  const { id, hint = salvageHint, cause } = options;
  const fault: DataFault = { problem, ...(id !== undefined && { id }) };
  const record = id === undefined ? "" : `, record ${quoted(id)}`;
  return new DataError(file, `${file}${record}: ${problem}.`, { faults: [fault], hint, cause });
}

/** A directory or file that is not a Chroma store, or is one of a kind that this reader does not know. */
export function notReadable(path: string, problem: string, hint: string, cause?: unknown): DataError {
  return new DataError(path, `${path} ${problem}.`, { faults: [{ problem }], hint, cause });
}

/** A vector that does not fit its collection. */
export function wrongDimension(place: string, found: number, dimension: number): RecordFault {
  return {
    problem: `${place} has a vector of ${found} dimensions, and the collection has ${dimension}`,
    hint: `Another embedding model made it: in Chroma, add the record again with a vector of ${dimension} dimensions, or delete it.`,
  };
}
