import { Socket } from "node:net";
import { describeFailure } from "../../foundation/describe-failure.ts";
import { RagfoodError } from "../../foundation/errors.ts";
import type { EmulatorOptions } from "../emulator-options.ts";
import { closeMounts, openMounts } from "../mounts.ts";
import type { PageSource } from "../protocol/data-page.ts";
import type { Mount } from "../protocol/http.ts";
import { RecentRequests } from "../protocol/recent-requests.ts";
import type { RequestEntry } from "../request-entry.ts";
import { type ReceivingServer, receiveFor } from "../server.ts";
import { MainRelay } from "./main-relay.ts";
import type { MessageToMain, MessageToWorker, WorkerIndex, WorkerOptions } from "./messages.ts";

/** What a worker cannot receive in a message. */
export interface WorkerParts {
  embeddersFor(settings: NonNullable<EmulatorOptions["settings"]>): EmulatorOptions["embedders"];
  createPage(): PageSource;
}

/**
 * Serves indexes in a process that `startEmulatorWorkers` has started, until that process ends it. The signals of
 * Ctrl-C and of service managers also reach the main process, which then stops its workers.
 */
export function runWorker(parts: WorkerParts): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const worker = new EmulatorWorker(parts);
  process.on("message", (message: MessageToWorker, handle: unknown) => worker.receive(message, handle));
  // The main process has ended.
  process.on("disconnect", () => process.exit());
  // Nothing else keeps this process alive, and a preloaded module may have released it.
  process.channel?.ref();
  send({ kind: "loaded" });
}

function send(message: MessageToMain, onSent?: () => void): void {
  // The main process may be gone; then this process ends too.
  process.send?.(message, undefined, undefined, () => onSent?.());
}

class EmulatorWorker {
  readonly #parts: WorkerParts;
  readonly #requests = new RecentRequests();
  #relay: MainRelay = new MainRelay(send, []);
  #mounts: readonly Mount[] = [];
  #server: ReceivingServer | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  receive(message: MessageToWorker, handle: unknown): void {
    switch (message.kind) {
      case "start":
        this.#relay = new MainRelay(send, message.relayed);
        for (const entry of message.recent) this.#requests.add(entry);
        void this.#start(message.options);
        break;
      case "answer":
        this.#relay.settle(message.id, message.answer);
        break;
      case "relay": {
        this.#relay.setRelayed(message.path, message.isOn);
        const faults = this.#mounts.find(({ path }) => path === message.path)?.faults;
        send({ kind: "counted", id: message.id, counts: faults?.takeCounts() });
        break;
      }
      case "logged":
        this.#requests.add(message.entry);
        break;
      case "connection":
        // Before anything is read from it: then the main process keeps it for another worker.
        send({ kind: "accepted", id: message.id });
        if (handle instanceof Socket) this.#server?.receive(handle);
        break;
      case "stop":
        void this.#stop();
        break;
      case "close":
        closeMounts(this.#mounts);
        process.exit();
    }
  }

  async #stop(): Promise<void> {
    await this.#server?.close();
    send({ kind: "stopped" });
  }

  async #start(options: WorkerOptions): Promise<void> {
    try {
      const { indexes, directory, host, allowedOrigins, maximumConnections, hasPage, logsAll } = options;
      const mounts = await openMounts({
        directory,
        indexes: indexes.map((index) => this.#withEmbedders(index)),
      });
      this.#mounts = mounts.map((mount) => ({ ...mount, relay: this.#relay.of(mount.path) }));
      this.#server = receiveFor(this.#mounts, {
        host,
        allowedOrigins,
        maximumConnections,
        requests: this.#requests,
        page: hasPage ? this.#parts.createPage() : undefined,
        log: (entry: RequestEntry) => {
          if (logsAll || entry.failure !== undefined) send({ kind: "log", entry });
        },
      });
      send({ kind: "ready" });
    } catch (error) {
      const hint = error instanceof RagfoodError ? error.hint : undefined;
      const message = error instanceof RagfoodError ? error.message : describeFailure(error);
      send({ kind: "failed", message, hint }, () => process.exit(1));
    }
  }

  #withEmbedders(index: WorkerIndex): WorkerIndex & Pick<EmulatorOptions, "embedders"> {
    const embedders = index.settings && this.#parts.embeddersFor(index.settings);
    return { ...index, ...(embedders && { embedders }) };
  }
}

/** Reports an error that nothing caught to the log of the main process. */
export function noteFromWorker(text: string): void {
  send({ kind: "note", text });
}
