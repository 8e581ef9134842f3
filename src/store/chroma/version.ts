import { ServiceFaultError } from "../../foundation/errors.ts";
import { IdleTimeout } from "../../foundation/idle-timeout.ts";
import { chromaError } from "./errors.ts";
import type { ChromaServer } from "./server.ts";

/** Milliseconds that a look at a Chroma server may take. */
const probeTimeoutMs = 2_000;

/**
 * The version of a Chroma server.
 * @throws {ConnectionError} if nothing answers, {TimeoutError}, {ServiceFaultError} if it is not a Chroma server,
 * {CancelledError} if the signal fires
 */
export async function chromaVersion(
  { url, fetch: send = fetch }: Pick<ChromaServer, "url" | "fetch">,
  signal?: AbortSignal | undefined,
): Promise<string> {
  const idleTimeout = new IdleTimeout(probeTimeoutMs);
  try {
    const response = await send(`${url.replace(/\/+$/, "")}/api/v2/version`, {
      signal: idleTimeout.signal(signal),
    });
    const version: unknown = await response.json().catch(() => undefined);
    if (response.ok && typeof version === "string") return version;
    throw new ServiceFaultError("chroma", `What answers at ${url} is not a Chroma server of version 1.`, {
      status: response.status,
      hint: "Check CHROMA_URL. A directory of an older Chroma is read without a server.",
    });
  } catch (error) {
    throw chromaError(
      error,
      { url, timeoutMs: probeTimeoutMs },
      { timedOut: idleTimeout.timedOut, cancelled: signal?.aborted ?? false },
    );
  } finally {
    idleTimeout.end();
  }
}
