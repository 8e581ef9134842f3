import { ConnectionError } from "./errors.ts";

/** Why no answer came back over the network. */
type NetworkFaultKind = "refused" | "unknown-host" | "certificate" | "tls" | "timeout" | "closed" | "other";

export interface NetworkFault {
  readonly kind: NetworkFaultKind;
  /** The network stack's own code or words, as `ECONNREFUSED`. */
  readonly detail: string;
  /** Whether the failure came before the first byte of the request was sent. */
  readonly isEarly: boolean;
}

/** A failure as Node.js and undici describe it, with one entry for each address that was tried. */
interface RawFault {
  readonly code?: string;
  readonly syscall?: string;
  readonly message?: string;
  readonly errors?: readonly RawFault[];
  readonly cause?: unknown;
}

const kinds: readonly (readonly [RegExp, NetworkFaultKind])[] = [
  [/^(?:ENOTFOUND|EAI_)/, "unknown-host"],
  [/^ECONNREFUSED$/, "refused"],
  // OpenSSL's names for a certificate that does not hold, as Node.js passes them on.
  [/CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH/, "certificate"],
  [/^(?:ERR_SSL|ERR_TLS|EPROTO)|SIGNATURE/, "tls"],
  [/TIMEDOUT|TIMEOUT/, "timeout"],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)/, "closed"],
];

/** Of a call that `fetch` ended without a code: it does so after a 407. */
const noReason = "no reason given";

/** Steps and codes that come before the first byte of a request. */
const earlySteps = new Set(["connect", "getaddrinfo"]);
const earlyCodes = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * Reads the failure of a `fetch` or of its answer's body: the reason is in `cause`, at any depth. `undefined` for an
 * error unrelated to the network.
 */
export function networkFault(error: unknown): NetworkFault | undefined {
  const raw = innermost(error);
  if (raw === undefined) return undefined;
  const first = raw.errors?.[0] ?? raw;
  const code = raw.code ?? first.code ?? "";
  const kind = kinds.find(([pattern]) => pattern.test(code))?.[1] ?? "other";
  return { kind, detail: code || first.message || noReason, isEarly: isEarly(raw) };
}

/**
 * The error for a network failure; `undefined` for a failure of another kind.
 * @param service as errors name it: `ollama`
 * @param setting the variable that holds the address
 * @param options.name of the service, as people know it
 * @param options.start how to start the service, as a sentence begins: "Start it with `ollama serve`"
 */
export function networkError(
  service: string,
  address: string,
  setting: string,
  cause: unknown,
  { endpoint, start, name }: { endpoint?: string; start?: string; name?: string } = {},
): ConnectionError | undefined {
  const fault = networkFault(cause);
  if (fault === undefined) return undefined;
  const isUntrusted = fault.kind === "certificate" || fault.kind === "tls";
  const problem =
    name === undefined ? `No connection to ${address}` : `${name} does not answer at ${address}`;
  return new ConnectionError(service, `${problem}: ${fault.detail}.`, {
    cause,
    ...(endpoint !== undefined && { endpoint }),
    mayHaveArrived: !isUntrusted && !fault.isEarly,
    isRetryable: !isUntrusted,
    hint: networkHint(fault, setting, start),
  });
}

/** What the person can do about it; `setting` names the variable that holds the address. */
export function networkHint(
  { kind, detail }: NetworkFault,
  setting: string,
  start = "Start the service",
): string {
  switch (kind) {
    case "unknown-host":
      return `No such host: check the name in ${setting}, and that this machine can resolve names. Behind a proxy, set HTTPS_PROXY.`;
    case "refused":
      return `Nothing listens there. ${start}, or check the host and port in ${setting}.`;
    case "certificate":
      if (/EXPIRED|NOT_YET_VALID/.test(detail)) {
        return "The certificate of that address is not valid at this time: renew it there, or correct the clock of this machine.";
      }
      if (/ALTNAME|HOSTNAME_MISMATCH/.test(detail)) {
        return `The certificate is for another name: check the host in ${setting}, and that no proxy answers in its place.`;
      }
      return "The certificate of that address is not trusted; a company's own authority goes into NODE_EXTRA_CA_CERTS.";
    case "tls":
      return `TLS failed: check that ${setting} names the right port, and https only where the service speaks it.`;
    case "timeout":
      return `The host does not respond: check ${setting}, the network and the firewall.`;
    default:
      return detail === noReason
        ? `Check ${setting}. A proxy that asks for a password (status 407) ends a call like this: check HTTPS_PROXY.`
        : `Check ${setting} and the network.`;
  }
}

function innermost(error: unknown): RawFault | undefined {
  let fault: RawFault | undefined;
  let isNetwork = false;
  for (let depth = 0, at = error; depth < 8 && typeof at === "object" && at !== null; depth++) {
    const raw = at as RawFault;
    isNetwork ||= raw.message === "fetch failed" || raw.message === "terminated";
    if (isCode(raw.code) || raw.errors !== undefined) return raw;
    fault = raw;
    at = raw.cause;
  }
  return isNetwork ? fault : undefined;
}

/** Codes of the network stack are in capitals; the typed errors of this package have codes too. */
function isCode(code: unknown): boolean {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code);
}

function isEarly({ code = "", syscall = "", message, errors }: RawFault): boolean {
  if (errors !== undefined && errors.length > 0) return errors.every(isEarly);
  // fetch refuses some ports before it connects (https://fetch.spec.whatwg.org/#port-blocking).
  return earlyCodes.has(code) || earlySteps.has(syscall) || message === "bad port";
}
