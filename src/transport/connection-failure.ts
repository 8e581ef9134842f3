import { ConnectionError } from "../foundation/errors.ts";

/** What the network stack tells about a failure of `fetch`. */
interface NetworkFault {
  readonly code?: string;
  readonly syscall?: string;
  readonly message?: string;
  /** One each address that was tried. */
  readonly errors?: readonly NetworkFault[];
}

/** Steps that come before the first byte of a request. */
const earlySteps = new Set(["connect", "getaddrinfo"]);
const earlyCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** The error that a rejected `fetch`, or the body of its answer, stands for. */
export function connectionFailure(base: string, endpoint: string, error: TypeError): ConnectionError {
  const fault = (error.cause as NetworkFault | undefined) ?? {};
  const isRefused = isCertificateFault(fault);
  return new ConnectionError(
    "upstash",
    `No connection to ${base}: ${fault.code ?? fault.message ?? error.message}.`,
    {
      endpoint,
      cause: error,
      mayHaveArrived: !isRefused && !isEarly(fault),
      isRetryable: !isRefused,
      hint: isRefused
        ? "The certificate of that address is not trusted; a company's own authority goes into NODE_EXTRA_CA_CERTS."
        : "Check UPSTASH_VECTOR_REST_URL and the network.",
    },
  );
}

function isEarly({ code = "", syscall = "", errors }: NetworkFault): boolean {
  if (errors !== undefined && errors.length > 0) return errors.every(isEarly);
  return earlyCodes.has(code) || earlySteps.has(syscall);
}

/** OpenSSL's names for a certificate that does not hold, as Node.js passes them on. */
function isCertificateFault({ code = "" }: NetworkFault): boolean {
  return /CERT|SIGNATURE|SELF_SIGNED|ERR_TLS/.test(code);
}
