import type { AddressInfo } from "node:net";
import { ConnectionError } from "../foundation/errors.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import { DataPage } from "./protocol/data-page.ts";
import { createIndexServer, type Mount } from "./protocol/http.ts";
import type { RecentRequests } from "./protocol/recent-requests.ts";

/** Milliseconds that running requests have when the emulator closes. */
const closeTimeoutMs = 2_000;

export interface ServerOptions
  extends Pick<EmulatorOptions, "allowedOrigins" | "host" | "log" | "maximumConnections" | "page" | "port"> {
  /** What the live log of the data browser shows. */
  readonly requests?: RecentRequests | undefined;
}

/** A server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** Like `http://127.0.0.1:8079`. */
  readonly origin: string;
  /** Answers the requests that have arrived. */
  close(): Promise<void>;
}

/**
 * Serves these indexes.
 * @throws {ConnectionError} if it cannot listen on the port
 */
export async function listenOn(mounts: readonly Mount[], options: ServerOptions): Promise<ListeningServer> {
  const { allowedOrigins, host = "127.0.0.1", log, maximumConnections, port = 0 } = options;
  const page = openPage(mounts, options, host);
  const server = createIndexServer(mounts, { allowedOrigins, log, maximumConnections, page });
  await listen(server, port, host);
  const { port: boundPort } = server.address() as AddressInfo;
  return {
    port: boundPort,
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        page?.close();
        server.closeIdleConnections();
        // A delayed answer, or a client that stops reading, must not keep the emulator open.
        setTimeout(() => server.closeAllConnections(), closeTimeoutMs).unref();
      }),
  };
}

/** The data browser, if it is asked for. */
function openPage(
  mounts: readonly Mount[],
  { page, requests, allowedOrigins = [] }: ServerOptions,
  host: string,
): DataPage | undefined {
  if (page === undefined || requests === undefined) return undefined;
  const origins = allowedOrigins.filter((origin) => URL.canParse(origin));
  const hostNames = new Set([host, ...origins.map((origin) => new URL(origin).hostname)]);
  return new DataPage(mounts, { pages: page, requests, hostNames });
}

async function listen(
  server: ReturnType<typeof createIndexServer>,
  port: number,
  host: string,
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw new ConnectionError("embedded", `Cannot listen on ${host}:${port}: ${(error as Error).message}`, {
      cause: error,
      hint: listenHint((error as NodeJS.ErrnoException).code),
    });
  }
}

function listenHint(code: string | undefined): string {
  return code === "EADDRINUSE" || code === "EACCES"
    ? "Choose another port with --port; 0 takes a free one."
    : "Choose an address of this machine with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all that can reach it.";
}
