import { UsageError } from "../foundation/errors.ts";

/** The options of a request that are checked. */
interface Given {
  readonly topK?: unknown;
  readonly namespace?: unknown;
  readonly history?: unknown;
}

/** The most records that an index returns. */
const maximumTopK = 1_000;

/**
 * Checks what a program without types may pass wrongly.
 *
 * @throws {UsageError} that names the argument and what it takes
 */
export function requireRequest(question: unknown, { topK, namespace, history }: Given): void {
  if (typeof question !== "string") throw wrong("question", "a text", question);
  if (question.trim() === "") throw new UsageError("The question is empty.", { hint: "Ask a question." });
  if (topK !== undefined && !isDepth(topK)) {
    throw wrong("topK", `a whole number from 1 to ${maximumTopK}`, topK);
  }
  if (namespace !== undefined && typeof namespace !== "string") throw wrong("namespace", "a text", namespace);
  const isExchange = (exchange: unknown) => {
    const { question: asked, answer } = (exchange ?? {}) as Record<string, unknown>;
    return typeof asked === "string" && typeof answer === "string";
  };
  if (history !== undefined && !(Array.isArray(history) && history.every(isExchange))) {
    throw wrong("history", "a list of { question, answer }, both texts", history);
  }
}

function isDepth(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maximumTopK;
}

function wrong(name: string, wanted: string, value: unknown): UsageError {
  const kind = Array.isArray(value) ? "another list" : typeof value === "object" ? "an object" : `${value}`;
  return new UsageError(`${name} takes ${wanted}; it is ${kind}.`, {
    hint: "docs/library.md has an example.",
  });
}
