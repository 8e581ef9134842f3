import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeText } from "../../foundation/decode-text.ts";
import { DataError, type DataFault } from "../../foundation/errors.ts";

/** File in the scanned directory that allows findings. */
export const allowlistName = ".secretsignore";

/**
 * Reads the fingerprints of findings that are false or harmless. A line has a fingerprint, `#` and a reason. Blank
 * lines and lines that begin with `#` are skipped.
 *
 * @returns the reasons by fingerprint
 * @throws {DataError} naming every malformed line; a line without a reason is malformed
 */
export function readAllowlist(directory: string): ReadonlyMap<string, string> {
  const file = join(directory, allowlistName);
  const allowed = new Map<string, string>();
  const faults: DataFault[] = [];
  for (const [place, line] of readLines(file).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const entry = /^\s*(?<fingerprint>[0-9a-f]{16})\s+#\s*(?<reason>\S.*)$/.exec(line)?.groups;
    if (entry) allowed.set(entry.fingerprint as string, entry.reason as string);
    else faults.push({ line: place + 1, problem: "has to be a fingerprint of 16 digits, # and a reason" });
  }
  if (faults.length > 0) {
    const places = faults.map(({ line }) => line).join(", ");
    throw new DataError(
      file,
      `${file} cannot be used: line ${places} has to be a fingerprint, # and a reason.`,
      {
        faults,
        hint: "Like: 0123456789abcdef # the token of an example, revoked",
      },
    );
  }
  return allowed;
}

function readLines(file: string): string[] {
  try {
    return decodeText(readFileSync(file)).split(/\r?\n/);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new DataError(file, `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hint: "Check that it exists and may be read.",
    });
  }
}
