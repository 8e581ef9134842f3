import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { connectionCapacity } from "../foundation/connection-capacity.ts";
import { bindServer } from "../foundation/listen.ts";
import type { ServerApp } from "./environment.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Milliseconds that a client has to send its headers, and its whole request. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Refuses new connections, waits for the running requests, and cuts those off that take longer than `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const defaultHeadersTimeoutMs = 10_000;
const defaultRequestTimeoutMs = 30_000;

/** Longer than load balancers keep idle connections (60 s), so that they never send a request into a closing one. */
const keepAliveTimeoutMs = 65_000;

/** How often late clients are looked for. */
const checkIntervalMs = 1_000;

/** Bytes of all headers of a request. */
const headerBytes = 16_384;

/** Milliseconds between two looks for connections that have become idle while the server stops. */
const drainIntervalMs = 50;

/** @throws {ConnectionError} if the server cannot listen there */
export async function listen(app: ServerApp, options: ListenOptions): Promise<Listening> {
  const { host, port } = options;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? defaultHeadersTimeoutMs,
      requestTimeout: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      maxHeaderSize: headerBytes,
    },
    getRequestListener(app.fetch),
  );
  // Beyond, new connections are closed at once; without open files left, databases could not work.
  server.maxConnections = connectionCapacity();
  let isStopping = false;
  server.prependListener("request", (_, response) => {
    if (isStopping) response.setHeader("Connection", "close");
  });
  const boundPort = await bindServer(server, { host, port, service: "ragfood" });
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    port: boundPort,
    close: (graceMs) => {
      isStopping = true;
      return drain(server, graceMs);
    },
  };
}

async function drain(server: Server, graceMs: number): Promise<void> {
  const idle = setInterval(() => server.closeIdleConnections(), drainIntervalMs);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
}
