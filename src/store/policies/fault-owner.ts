import * as errors from "../../foundation/errors.ts";

/** The literal `code` of each error class; the abstract ones have none. */
type CodeOf<T> = T extends abstract new (
  ...values: never
) => { readonly code: infer Code extends string }
  ? string extends Code
    ? never
    : Code
  : never;

export type ErrorCode = { [Name in keyof typeof errors]: CodeOf<(typeof errors)[Name]> }[keyof typeof errors];

/** Whose fault a failed call is, and so who can do better: another store, another request, or a person. */
export type FaultOwner = "store" | "request" | "settings" | "caller";

/**
 * Total over every error of ragfood: a class that is added without a line here does not compile.
 *
 * - `store`: the same call may succeed at another store, or here later. Reads fall back, writes may queue.
 * - `request`: it fails the same way anywhere. It goes to the caller; in a queue it is parked.
 * - `settings`: a person has to act. Falling back would hide it for as long as the other store lasts.
 * - `caller`: nobody waits for the answer any more.
 */
const faultOwners: Readonly<Record<ErrorCode, FaultOwner>> = {
  connection: "store",
  timeout: "store",
  "rate-limit": "store",
  // Renewed at midnight UTC: until then it is as good as down.
  quota: "store",
  service: "store",
  "circuit-open": "store",
  // The disk below an embedded index.
  storage: "store",
  // A pair of stores that is itself the first of another pair.
  fallback: "store",
  authentication: "settings",
  forbidden: "settings",
  "index-mismatch": "settings",
  settings: "settings",
  // The key is missing, or the value is not what was written: another store's copy must not cover that.
  decryption: "settings",
  "queue-full": "settings",
  "queue-busy": "settings",
  "not-found": "request",
  "invalid-request": "request",
  // Any store's answer to it would be as large.
  "answer-too-large": "request",
  filter: "request",
  usage: "request",
  data: "request",
  "source-changed": "request",
  encryption: "request",
  cancelled: "caller",
};

/** `undefined` for what is no error of ragfood: a defect, which nothing may cover up. */
export function faultOwner(error: unknown): FaultOwner | undefined {
  return error instanceof errors.RagfoodError ? faultOwners[error.code as ErrorCode] : undefined;
}
