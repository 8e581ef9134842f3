import type { Socket } from "node:net";
import type { Worker } from "./pool.ts";

interface Receiver {
  readonly worker: Worker;
  /** Connections that it has not confirmed yet: it is busy, or dead. */
  readonly unconfirmed: Map<number, Socket>;
}

/**
 * Hands the connections of one server to processes, to each in turn. This process keeps a connection until the other one
 * confirms it: connections on their way to a process that dies go to another one. They wait until one is ready.
 * (With `node:cluster` their clients would wait for ever.)
 */
export class HandOver {
  /** The one whose turn it is comes first. */
  #receivers: Receiver[] = [];
  #waiting: Socket[] = [];
  #lastId = 0;

  /** @param worker receives connections from now on, until it ends */
  add(worker: Worker): void {
    if (!worker.connected) return;
    const receiver: Receiver = { worker, unconfirmed: new Map() };
    this.#receivers.push(receiver);
    // It comes after the last message. "exit" may come before, and "disconnect" does not come while handles are sent.
    worker.once("close", () => {
      this.#receivers = this.#receivers.filter((other) => other !== receiver);
      for (const socket of receiver.unconfirmed.values()) this.give(socket);
    });
    for (const socket of this.#waiting.splice(0)) this.give(socket);
  }

  /** Gives a connection, which nothing has been read from, to the process with the fewest unconfirmed ones. */
  give(socket: Socket): void {
    const [first, ...others] = this.#receivers;
    if (first === undefined) {
      this.#waiting.push(socket);
      return;
    }
    const next = others.reduce(
      (least, other) => (other.unconfirmed.size < least.unconfirmed.size ? other : least),
      first,
    );
    this.#receivers = [...this.#receivers.filter((receiver) => receiver !== next), next];
    const id = ++this.#lastId;
    next.unconfirmed.set(id, socket);
    next.worker.send({ kind: "connection", id }, socket, { keepOpen: true });
  }

  /** The process has the connection; this one closes its own handle. */
  confirm(worker: Worker, id: number): void {
    const unconfirmed = this.#receivers.find((receiver) => receiver.worker === worker)?.unconfirmed;
    unconfirmed?.get(id)?.destroy();
    unconfirmed?.delete(id);
  }

  /** Closes the connections that no process has taken. */
  close(): void {
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }
}
