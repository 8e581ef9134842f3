import type { Server } from "node:http";
import type { Socket } from "node:net";
import { bindServer } from "../foundation/listen.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import { OpenConnections } from "./open-connections.ts";
import { DataPage } from "./protocol/data-page.ts";
import { createIndexServer, type Mount } from "./protocol/http.ts";
import type { RecentRequests } from "./protocol/recent-requests.ts";

/** Milliseconds that running requests have when the emulator closes. */
const closeTimeoutMs = 2_000;

/** Options of the emulator that are about its server, and `undefined` like missing ones. */
type Served = Pick<
  EmulatorOptions,
  "allowedOrigins" | "host" | "log" | "maximumConnections" | "page" | "port"
>;

export interface ServerOptions extends Partial<{ [K in keyof Served]: Served[K] | undefined }> {
  /** What the live log of the data browser shows. */
  readonly requests?: RecentRequests | undefined;
}

/** A server that listens. */
export interface ListeningServer {
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
  const { host = "127.0.0.1", port = 0 } = options;
  const { server, close } = createServer(mounts, options);
  const boundPort = await bindServer(server, { host, port, service: "embedded" });
  return {
    origin: originOf(host, boundPort),
    async close() {
      server.close();
      await close();
    },
  };
}

/** A server of connections that another process has accepted. */
export interface ReceivingServer {
  receive(connection: Socket): void;
  /** Answers the requests that have arrived. */
  close(): Promise<void>;
}

/** Serves these indexes to the connections that it receives. */
export function receiveFor(mounts: readonly Mount[], options: ServerOptions): ReceivingServer {
  const { server, close } = createServer(mounts, options);
  // A server that does not listen enforces its timeouts only after this.
  server.emit("listening");
  return {
    receive(connection) {
      // As for connections that the server accepts.
      connection.allowHalfOpen = true;
      server.emit("connection", connection);
    },
    close,
  };
}

interface CreatedServer {
  readonly server: Server;
  /** Closes the connections. */
  close(): Promise<void>;
}

function createServer(mounts: readonly Mount[], options: ServerOptions): CreatedServer {
  const { allowedOrigins, host = "127.0.0.1", log, maximumConnections } = options;
  const page = openPage(mounts, options, host);
  const server = createIndexServer(mounts, { allowedOrigins, log, maximumConnections, page });
  const connections = new OpenConnections(server);
  return {
    server,
    async close() {
      page?.close();
      await connections.close(closeTimeoutMs);
    },
  };
}

/** Like `http://127.0.0.1:8079`. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
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
