import * as errors from "../../foundation/errors.ts";

/** The literal `code` of each error class; abstract classes have no code. */
type CodeOf<T> = T extends abstract new (
  ...values: never
) => { readonly code: infer Code extends string }
  ? string extends Code
    ? never
    : Code
  : never;

type ErrorCode = { [Name in keyof typeof errors]: CodeOf<(typeof errors)[Name]> }[keyof typeof errors];

/** The cause of a failed call, and so who can do better: another store, another request, or a person. */
export type FaultOwner = "store" | "request" | "settings" | "caller";

/**
 * Covers every error of ragfood: a new class without a line here does not compile.
 *
 * - `store`: the same call may succeed at another store, or here later. Reads fall back, writes may queue.
 * - `request`: it fails the same way anywhere. The caller gets it; in a queue it is parked.
 * - `settings`: a person has to act. A fallback would only hide it.
 * - `caller`: the caller no longer waits for the answer.
 */
const faultOwners: Readonly<Record<ErrorCode, FaultOwner>> = {
  connection: "store",
  timeout: "store",
  "rate-limit": "store",
  // Renewed at midnight UTC: until then the store is as good as down.
  quota: "store",
  service: "store",
  "circuit-open": "store",
  // The disk below an embedded index.
  storage: "store",
  // A pair of stores that is itself the first of another pair.
  fallback: "store",
  "outcome-unknown": "store",
  authentication: "settings",
  forbidden: "settings",
  "index-mismatch": "settings",
  settings: "settings",
  // The key is missing, or the value was changed: another store's copy must not hide that.
  decryption: "settings",
  budget: "settings",
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

/** `undefined` for an error that is not from ragfood: a defect, which must not be hidden. */
export function faultOwner(error: unknown): FaultOwner | undefined {
  return error instanceof errors.RagfoodError ? faultOwners[error.code as ErrorCode] : undefined;
}
