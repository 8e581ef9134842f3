import { createInterface } from "node:readline/promises";
import { CancelledError } from "../foundation/errors.ts";
import type { CommandContext } from "./command.ts";

/**
 * Asks a person yes or no; `undefined` if no person can answer: standard input or output is not a terminal, or a
 * program reads the output.
 */
export function asks(
  { input, terminal, signal }: CommandContext,
  asJson: boolean,
): ((question: string) => Promise<boolean>) | undefined {
  if (input.isTTY !== true || !terminal.isInteractive || asJson) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output: process.stderr });
    const interrupted = new AbortController();
    lines.on("SIGINT", () => interrupted.abort());
    try {
      const answer = await lines.question(`${question} [y/N] `, {
        signal: AbortSignal.any([signal, interrupted.signal]),
      });
      return /^(?:y|yes)$/i.test(answer.trim());
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
      throw new CancelledError("Nothing was written or deleted.", { cause: error });
    } finally {
      lines.close();
    }
  };
}
