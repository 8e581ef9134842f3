import { stringifyJson } from "../../foundation/exact-json/index.ts";
import { answerTooLarge } from "../index/answer-budget.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { jsonForm } from "./answer.ts";
import { dispatch, type Target } from "./dispatch.ts";
import type { Faults } from "./faults.ts";
import { parseBody } from "./request-body.ts";

/** Where a command runs. */
export interface CallPlace {
  readonly index: VectorIndex;
  /** Failures that a test asks for. */
  readonly faults: Faults;
}

/** Runs the calls of an index that need what another process keeps in memory. */
export interface CallRelay {
  takes(target: Target): boolean;
  /** @returns the JSON text of the answer */
  answer(target: Target, body: Buffer, requestId: string): Promise<string>;
}

/**
 * Runs a command with the body of its request, valid UTF-8.
 * @returns the JSON text of the answer
 */
export async function answerCall(
  { index, faults }: CallPlace,
  target: Target,
  body: Buffer,
): Promise<string> {
  const value = parseBody(body, target, index.limits);
  return toJson({ result: await dispatch(index, faults, target, value, jsonForm, true) });
}

/** @throws {InvalidRequestError} 413 for an answer that does not fit into a string */
function toJson(body: unknown): string {
  try {
    return stringifyJson(body);
  } catch (error) {
    throw answerTooLarge("", error);
  }
}
