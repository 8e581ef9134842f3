import { createHash } from "node:crypto";

/** SHA-256 of what a phase depends on. */
export function inputsHash(inputs: unknown): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}
