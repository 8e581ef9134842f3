import { statSync } from "node:fs";

/** Size and time of a file, by which a change of it shows; empty without the file. */
export function fileState(path: string): readonly number[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? [found.size, found.mtimeMs] : [];
}
