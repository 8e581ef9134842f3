import { setTimeout } from "node:timers/promises";
import { CancelledError } from "./errors.ts";

/** Waits. @throws {CancelledError} when the signal fires */
export async function pause(milliseconds: number, signal?: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch (cause) {
    throw new CancelledError(undefined, { cause });
  }
}
