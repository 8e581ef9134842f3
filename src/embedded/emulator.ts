import type { EmulatorOptions } from "./emulator-options.ts";
import type { FaultSettings } from "./fault-settings.ts";
import { closeMounts, openMounts } from "./mounts.ts";
import type { Mount } from "./protocol/http.ts";
import { RecentRequests } from "./protocol/recent-requests.ts";
import { logFailures } from "./protocol/request-log.ts";
import { listenOn } from "./server.ts";

/** Where an index is served. */
export interface ServedAddress {
  /** For `new Index({ url, token })` of `@upstash/vector`. */
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string;
}

/** A served index. */
export interface ServedIndex extends ServedAddress {
  /**
   * Changes the faults from now on.
   * @throws {UsageError} for an unknown fault or an invalid value
   */
  setFaults(change: Partial<FaultSettings>): void;
}

/** The served indexes; an emulator of one index is that index. */
export interface Emulator extends ServedIndex {
  /** By path. */
  readonly indexes: ReadonlyMap<string, ServedIndex>;
  /** Answers the requests that have arrived, then closes the indexes. */
  close(): Promise<void>;
}

/**
 * Starts a server that answers like Upstash Vector. Default: on the loopback address.
 *
 * @throws {UsageError} for invalid options; then nothing is written
 * @throws {StorageError} if an index cannot be opened
 * @throws {IndexMismatchError} if an index was created with other settings
 * @throws {ConnectionError} if the server cannot listen on the port
 *
 * @example
 * const emulator = await startEmulator();
 * const index = new Index({ url: emulator.url, token: emulator.token });
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const mounts = await openMounts(options);
  try {
    const { page, log = logFailures } = options;
    const requests = page && new RecentRequests();
    const server = await listenOn(mounts, {
      ...options,
      requests,
      log(entry) {
        requests?.add({ ...entry, time: Date.now() });
        log(entry);
      },
    });
    const indexes = new Map(mounts.map((mount) => [mount.path, serve(mount, server.origin)]));
    return {
      ...([...indexes.values()][0] as ServedIndex),
      indexes,
      async close() {
        await server.close();
        closeMounts(mounts);
      },
    };
  } catch (error) {
    closeMounts(mounts);
    throw error;
  }
}

/** Where an index is served, for its clients. */
export function addressOf({ path, token, readOnlyToken }: Mount, origin: string): ServedAddress {
  return { url: `${origin}${path}`, token, readOnlyToken };
}

function serve(mount: Mount, origin: string): ServedIndex {
  return {
    ...addressOf(mount, origin),
    setFaults: (change) => mount.faults.change(change, mount.index),
  };
}
