import { CancelledError, ConnectionError, ServiceFaultError } from "../../foundation/errors.ts";

/** Milliseconds that a look at a Chroma server may take. */
const probeTimeoutMs = 2_000;

/**
 * The version of the Chroma server at this address.
 * @throws {ConnectionError} when nothing answers, {ServiceFaultError} when it is no Chroma server,
 * {CancelledError} when the signal fires
 */
export async function chromaVersion(url: string, signal?: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(probeTimeoutMs);
  let response: Response;
  try {
    response = await fetch(`${url.replace(/\/+$/, "")}/api/v2/version`, {
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    throw new ConnectionError("chroma", `No Chroma server answers at ${url}.`, {
      cause: error,
      hint: "Start it, or check the address and the port.",
    });
  }
  const version: unknown = await response.json().catch(() => undefined);
  if (!response.ok || typeof version !== "string") {
    throw new ServiceFaultError("chroma", `What answers at ${url} is no Chroma server of version 1.`, {
      status: response.status,
    });
  }
  return version;
}
