import { readFileSync } from "node:fs";
import { UsageError } from "../foundation/errors.ts";
import type { NamedKey } from "../foundation/sealed-stream.ts";

/** Reads a key file. @throws {UsageError} without the content of the file */
export function readKeyFile(file: string): NamedKey {
  let line: string;
  try {
    line = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new UsageError(`The key file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const [, id, base64] = /^([^:]+):([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
  if (id === undefined || base64 === undefined) {
    throw new UsageError(`The key file ${file} has to hold one line, <key id>:<32 bytes in base64>.`, {
      hint: `echo "backup-2026:$(openssl rand -base64 32)" makes one.`,
    });
  }
  return { id, bytes: Buffer.from(base64, "base64") };
}
