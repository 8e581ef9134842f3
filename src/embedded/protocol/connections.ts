import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ServiceFaultError } from "../../foundation/errors.ts";

/** Connections beyond the limit that are accepted to be refused; more are closed by the system. */
const refusalsAtOnce = 24;

/** Milliseconds that a connection beyond the limit has to send its request. */
const rejectionTimeoutMs = 2_000;

/**
 * Keeps the connections of a server below the limit of open files. Beyond it, idle connections are closed. If
 * all are busy, a new one gets a clear answer; the system would only let it wait.
 */
export class ConnectionLimit {
  readonly #maximum: number;
  readonly #refused = new WeakSet<Socket>();
  #open = 0;

  constructor(server: Server, maximum: number) {
    this.#maximum = maximum;
    server.maxConnections = maximum + refusalsAtOnce;
    server.on("connection", (socket) => {
      this.#open++;
      socket.once("close", () => this.#open--);
      if (this.#open <= maximum) return;
      server.closeIdleConnections();
      this.#refused.add(socket);
      socket.setTimeout(rejectionTimeoutMs, () => socket.destroy());
    });
  }

  /** @throws {ServiceFaultError} 503 for a request on a connection beyond the limit, unless others have closed */
  check({ socket }: IncomingMessage, response: ServerResponse): void {
    if (!this.#refused.has(socket)) return;
    if (this.#open <= this.#maximum) {
      this.#refused.delete(socket);
      socket.setTimeout(0);
      return;
    }
    response.setHeader("Connection", "close");
    throw new ServiceFaultError(
      "embedded",
      `Too many open connections, maximum: ${this.#maximum}. Reuse connections, or raise the limit of open files (ulimit -n)`,
      { status: 503, retryAfterMs: 1_000 },
    );
  }
}
