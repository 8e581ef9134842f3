import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { ConnectionError } from "./errors.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What an error calls the service. */
  readonly service: string;
}

/**
 * Makes a server listen.
 *
 * @returns the port that it listens on
 * @throws {ConnectionError} if it cannot
 */
export async function bindServer(server: Server, { host, port, service }: ListenAddress): Promise<number> {
  try {
    // Errors after this are for other listeners.
    await once(server.listen(port, host), "listening");
    return (server.address() as AddressInfo).port;
  } catch (error) {
    throw new ConnectionError(service, `Cannot listen on ${host}:${port}: ${(error as Error).message}`, {
      cause: error,
      hint: hintFor((error as NodeJS.ErrnoException).code),
    });
  }
}

function hintFor(code: string | undefined): string {
  return code === "EADDRINUSE" || code === "EACCES"
    ? "Choose another port with --port; 0 takes a free one."
    : "Choose an address of this machine with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all that can reach it.";
}

/**
 * Listens for a moment: a command that cannot listen fails before it makes files.
 *
 * @throws {ConnectionError} if nothing can listen there
 */
export async function requireAddress(address: ListenAddress): Promise<void> {
  const probe = createServer();
  await bindServer(probe, address);
  await new Promise((resolve) => probe.close(resolve));
}
