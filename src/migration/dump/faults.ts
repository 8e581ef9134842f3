import { DataError, type DataFault } from "../../foundation/errors.ts";
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
