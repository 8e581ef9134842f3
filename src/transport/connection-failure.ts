import { ConnectionError } from "../foundation/errors.ts";
import { networkFault, networkHint } from "../foundation/network-fault.ts";

/** The error that a rejected `fetch`, or the body of its answer, stands for. */
export function connectionFailure(base: string, endpoint: string, error: TypeError): ConnectionError {
  const fault = networkFault(error) ?? { kind: "other", detail: error.message, isEarly: false };
  const isUntrusted = fault.kind === "certificate" || fault.kind === "tls";
  return new ConnectionError("upstash", `No connection to ${base}: ${fault.detail}.`, {
    endpoint,
    cause: error,
    mayHaveArrived: !isUntrusted && !fault.isEarly,
    isRetryable: !isUntrusted,
    hint: networkHint(fault, "UPSTASH_VECTOR_REST_URL"),
  });
}
