import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server, and how many requests of each are being answered. */
export class OpenConnections {
  readonly #running = new Map<Socket, number>();
  #isClosing = false;
  #onEmpty: () => void = () => {};

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#running.set(socket, 0);
      socket.once("close", () => {
        this.#running.delete(socket);
        if (this.#running.size === 0) this.#onEmpty();
      });
    });
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once("close", () => {
        this.#count(socket, -1);
        if (this.#isClosing) this.#closeIdle();
      });
    });
  }

  /**
   * Closes each connection when its requests are answered; at once if it has none, also one that has not sent any.
   *
   * @param timeoutMs milliseconds until all are closed
   */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    this.#closeIdle();
    if (this.#running.size === 0) return;
    // A delayed answer, or a client that stops reading, must not keep the server open.
    const timer = setTimeout(() => {
      for (const socket of this.#running.keys()) socket.destroy();
    }, timeoutMs);
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    clearTimeout(timer);
  }

  #count(socket: Socket, change: number): void {
    const running = this.#running.get(socket);
    if (running !== undefined) this.#running.set(socket, running + change);
  }

  #closeIdle(): void {
    for (const [socket, running] of this.#running) if (running === 0) socket.destroySoon();
  }
}
