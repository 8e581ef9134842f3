import { createServer } from "node:net";
import { bindServer } from "../../foundation/listen.ts";
import { addressOf, type ServedAddress } from "../emulator.ts";
import type { EmulatorOptions } from "../emulator-options.ts";
import { closeMounts, openMounts } from "../mounts.ts";
import type { DayCounts } from "../protocol/faults.ts";
import type { Mount } from "../protocol/http.ts";
import { RecentRequests } from "../protocol/recent-requests.ts";
import { logFailures } from "../protocol/request-log.ts";
import { originOf } from "../server.ts";
import { HandOver } from "./hand-over.ts";
import { MainCalls } from "./main-calls.ts";
import type { WorkerOptions } from "./messages.ts";
import { messageOf, type PoolOptions, sendTo, WorkerPool } from "./pool.ts";

export interface WorkerEmulatorOptions extends Omit<EmulatorOptions, "page"> {
  /** The workers share their indexes on disk. */
  readonly directory: string;
  /** Processes that serve. */
  readonly workers: number;
  /** The module that a worker runs; it calls `runWorker`. */
  readonly module: URL;
  /** Whether the workers serve the data browser. */
  readonly hasPage?: boolean;
  /** Whether `log` is called for every request, or only for failures of the server itself. Default: all. */
  readonly logsAll?: boolean;
  /** Called with what an operator should know, such as the end of a worker. */
  readonly note: (text: string) => void;
}

/** The served indexes. */
export interface WorkerEmulator {
  /** By path. */
  readonly indexes: ReadonlyMap<string, ServedAddress>;
  /** Answers the requests that have arrived, then closes the indexes. */
  close(): Promise<void>;
}

/**
 * Serves indexes like `startEmulator`, by several processes that share one port. Each has its own mirrors, and looks for
 * writes of the others before each read. This process answers no requests: it starts the workers, replaces one that
 * ends, and keeps what is one for all of them: simulated faults, resumable queries, the log.
 *
 * @throws {UsageError} for invalid options; then nothing is written
 * @throws {StorageError} if an index cannot be opened
 * @throws {IndexMismatchError} if an index was created with other settings
 * @throws {ConnectionError} if the workers cannot listen on the port
 * @throws {WorkerError} if a worker cannot start
 */
export async function startEmulatorWorkers({
  workers,
  module,
  hasPage = false,
  logsAll = true,
  note,
  ...options
}: WorkerEmulatorOptions): Promise<WorkerEmulator> {
  const mounts = await openMounts(options);
  const { log = logFailures, host = "127.0.0.1", directory, allowedOrigins, maximumConnections } = options;
  const requests = new RecentRequests();
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  const handOver = new HandOver();
  server.on("connection", (socket) => handOver.give(socket));
  const calls = new MainCalls(mounts, (path, isOn) => announceTo(pool, path, isOn));
  const receive: PoolOptions["receive"] = (worker, message) => {
    if (message.kind === "accepted") handOver.confirm(worker, message.id);
    else if (message.kind === "call") {
      const { id } = message;
      void calls.answer(message.call).then((answer) => sendTo(worker, { kind: "answer", id, answer }));
    } else if (message.kind === "note") note(message.text);
    else if (message.kind === "log") {
      log(message.entry);
      if (!hasPage) return;
      const entry = { ...message.entry, time: Date.now() };
      requests.add(entry);
      pool.broadcast({ kind: "logged", entry });
    }
  };
  const workerOptions: WorkerOptions = {
    indexes: indexesOf(mounts, options),
    ...{ directory, host, allowedOrigins, maximumConnections, hasPage },
    logsAll: logsAll || hasPage,
  };
  let pool: WorkerPool;
  try {
    const port = await bindServer(server, { host, port: options.port ?? 0, service: "embedded" });
    pool = await WorkerPool.start({
      count: workers,
      module,
      note,
      startMessage: () => ({
        kind: "start",
        options: workerOptions,
        relayed: calls.relayed,
        recent: requests.list(),
      }),
      ready: (worker) => handOver.add(worker),
      receive,
    });
    const origin = originOf(host, port);
    return {
      indexes: new Map(mounts.map((mount) => [mount.path, addressOf(mount, origin)])),
      async close() {
        server.close();
        handOver.close();
        await pool.stop();
        closeMounts(mounts);
      },
    };
  } catch (error) {
    server.close();
    handOver.close();
    closeMounts(mounts);
    throw error;
  }
}

let lastAnnouncement = 0;

/** Every worker follows before this resolves. */
function announceTo(pool: WorkerPool, path: string, isOn: boolean): Promise<(DayCounts | undefined)[]> {
  const id = ++lastAnnouncement;
  return Promise.all(
    pool.broadcast({ kind: "relay", id, path, isOn }).map(async (worker) => {
      const answer = await messageOf(worker, (message) => message.kind === "counted" && message.id === id);
      return answer?.kind === "counted" ? answer.counts : undefined;
    }),
  );
}

function indexesOf(mounts: readonly Mount[], options: EmulatorOptions): WorkerOptions["indexes"] {
  const served = options.indexes ?? [options];
  return mounts.map(({ path, token, readOnlyToken, index }) => {
    const { limits } = served.find((entry) => (entry.path ?? "") === path) ?? {};
    return { path, token, readOnlyToken, settings: index.settings, ...(limits && { limits }) };
  });
}
