import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ConnectionError } from "../foundation/errors.ts";
import type { FaultSettings } from "./fault-settings.ts";
import type { IndexEmbedders } from "./index/texts.ts";
import { VectorIndex } from "./index/vector-index.ts";
import { emulatorOptionsSchema } from "./option-schemas.ts";
import { DataPage, type PageSource } from "./protocol/data-page.ts";
import { Faults } from "./protocol/faults.ts";
import { createIndexServer, type Mount } from "./protocol/http.ts";
import { RecentRequests } from "./protocol/recent-requests.ts";
import { logFailures, type RequestLog } from "./protocol/request-log.ts";
import { requireValid } from "./schema.ts";
import { seedIndex } from "./seed.ts";
import { defaultSettings, type IndexLimits, type IndexSettings } from "./settings.ts";

/** One index that an emulator serves. */
export interface EmulatedIndex {
  /** The start of its paths, like `/dense`. Default: the root. */
  readonly path?: string;
  /** Default: a sparse index that embeds raw text by BM25. */
  readonly settings?: IndexSettings;
  readonly embedders?: IndexEmbedders;
  /** Default: a random one. */
  readonly token?: string;
  readonly readOnlyToken?: string;
  readonly limits?: Partial<IndexLimits>;
  readonly faults?: Partial<FaultSettings>;
  /** A file of records to write if the index is empty: JSON or JSON Lines, as upsert takes them. */
  readonly seed?: string;
}

export interface EmulatorOptions extends EmulatedIndex {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** The directory of the indexes. Default: in memory, gone when the emulator closes. */
  readonly directory?: string;
  /** Several indexes on one port; then each has its own settings. */
  readonly indexes?: readonly EmulatedIndex[];
  /**
   * The origins whose pages a browser lets read the answers (CORS), like `https://app.example`. Default:
   * `["*"]`, any. An empty list allows none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Called after every request. Default: failures of the server itself go to standard error. */
  readonly log?: RequestLog;
  /** Connections at once. Default: what the limit of open files allows, up to 10,000. */
  readonly maximumConnections?: number;
  /** Serves the data browser at `/data`, with a live log of the requests. Default: not served. */
  readonly page?: PageSource;
}

/** A served index. */
export interface ServedIndex {
  /** For `new Index({ url, token })` of `@upstash/vector`. */
  readonly url: string;
  readonly token: string;
  readonly readOnlyToken: string;
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

/** The file of an index inside its directory; an index at a path has its own directory there. */
export function indexFile(directory: string, path = ""): string {
  return join(directory, ...path.split("/").filter((part) => part !== ""), "index.sqlite");
}

/** Milliseconds that running requests have when the emulator closes. */
const closeTimeoutMs = 2_000;

function randomToken(): string {
  return randomBytes(24).toString("base64url");
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
  requireValid(
    emulatorOptionsSchema,
    options,
    "The options of startEmulator",
    "docs/emulator.md describes them.",
  );
  const { port = 0, host = "127.0.0.1", directory } = options;
  const mounts: Mount[] = [];
  const close = () => {
    for (const { index } of mounts) index.close();
  };
  try {
    for (const served of options.indexes ?? [options]) mounts.push(await openMount(served, directory));
    const { allowedOrigins, maximumConnections } = options;
    const { page, log } = openPage(mounts, options, host);
    const server = createIndexServer(mounts, { allowedOrigins, log, maximumConnections, page });
    await listen(server, port, host);
    const { port: boundPort } = server.address() as AddressInfo;
    const origin = `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`;
    const indexes = new Map(mounts.map((mount) => [mount.path, serve(mount, origin)]));
    return {
      ...([...indexes.values()][0] as ServedIndex),
      indexes,
      async close() {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          page?.close();
          server.closeIdleConnections();
          // A delayed answer, or a client that stops reading, must not keep the emulator open.
          setTimeout(() => server.closeAllConnections(), closeTimeoutMs).unref();
        });
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function openMount(served: EmulatedIndex, directory: string | undefined): Promise<Mount> {
  const { path = "", token = randomToken(), readOnlyToken = randomToken() } = served;
  const index = VectorIndex.open({
    path: directory === undefined ? ":memory:" : indexFile(directory, path),
    settings: served.settings ?? defaultSettings,
    ...(served.embedders && { embedders: served.embedders }),
    ...(served.limits && { limits: served.limits }),
    ...(path !== "" && { name: path.slice(1) }),
  });
  const faults = new Faults(served.faults);
  const mount = { path, index, token, readOnlyToken, faults };
  try {
    if (served.seed !== undefined) await seedIndex(index, served.seed);
    faults.change({}, index);
    return mount;
  } catch (error) {
    index.close();
    throw error;
  }
}

/** The data browser if it is asked for, and the log, which it shows too. */
function openPage(
  mounts: readonly Mount[],
  { page, log = logFailures, allowedOrigins = [] }: EmulatorOptions,
  host: string,
): { page: DataPage | undefined; log: RequestLog } {
  if (page === undefined) return { page: undefined, log };
  const requests = new RecentRequests();
  const origins = allowedOrigins.filter((origin) => URL.canParse(origin));
  const hostNames = new Set([host, ...origins.map((origin) => new URL(origin).hostname)]);
  return {
    page: new DataPage(mounts, { pages: page, requests, hostNames }),
    log(entry) {
      requests.add({ ...entry, time: Date.now() });
      log(entry);
    },
  };
}

function serve(mount: Mount, origin: string): ServedIndex {
  return {
    url: `${origin}${mount.path}`,
    token: mount.token,
    readOnlyToken: mount.readOnlyToken,
    setFaults: (change) => mount.faults.change(change, mount.index),
  };
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
