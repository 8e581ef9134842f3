import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RagfoodError } from "../../foundation/errors.ts";
import type { MessageToMain, MessageToWorker } from "./messages.ts";

/** A worker could not start. */
class WorkerError extends RagfoodError {
  static override readonly errorName: string = "WorkerError";
  readonly code = "worker";
}

/** A process of `runWorker`. */
export type Worker = ChildProcess;

export interface PoolOptions {
  readonly count: number;
  /** The module that a worker runs. */
  readonly module: URL;
  /** What a worker gets when it has loaded. */
  startMessage(): MessageToWorker;
  /** Called when a worker can take connections. */
  ready(worker: Worker): void;
  /** What a worker sends. */
  receive(worker: Worker, message: MessageToMain): void;
  /** Called with what an operator should know. */
  note(text: string): void;
}

/** Milliseconds before a worker is replaced, doubled for each one that ended soon after its start. */
const firstDelayMs = 20;
const longestDelayMs = 5_000;
/** A worker that has run for this long was not broken from the start. Milliseconds. */
const soundAfterMs = 10_000;
/** Milliseconds until a worker that does not stop is killed. */
const stopTimeoutMs = 10_000;

/** Processes that do the same work. One that ends is replaced by another. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #workers = new Set<Worker>();
  #earlyEnds = 0;
  #isStopping = false;

  private constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** @throws {WorkerError} if one of the workers cannot start */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await Promise.all(Array.from({ length: options.count }, () => pool.#add()));
      return pool;
    } catch (error) {
      pool.#kill();
      throw error;
    }
  }

  /** To every worker, also those that start. */
  broadcast(message: MessageToWorker): Worker[] {
    const workers = [...this.#workers];
    for (const worker of workers) sendTo(worker, message);
    return workers;
  }

  /** Lets the workers answer what has arrived; then they close their indexes, one after the other. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const timer = setTimeout(() => this.#kill(), stopTimeoutMs);
    const stopped = this.broadcast({ kind: "stop" }).map(async (worker) => {
      await messageOf(worker, ({ kind }) => kind === "stopped");
      return worker;
    });
    // Each saves its mirrors in the same files.
    for (const worker of await Promise.all(stopped)) {
      sendTo(worker, { kind: "close" });
      await messageOf(worker, () => false);
    }
    clearTimeout(timer);
  }

  #kill(): void {
    this.#isStopping = true;
    for (const worker of this.#workers) worker.kill("SIGKILL");
  }

  /** Resolves when the new worker is ready. */
  async #add(): Promise<void> {
    const { module, receive, ready } = this.#options;
    const worker = fork(fileURLToPath(module), { serialization: "advanced" });
    this.#workers.add(worker);
    // A message that cannot be sent: the worker has ended, as its exit says.
    worker.on("error", () => {});
    worker.on("message", (message: MessageToMain) => {
      if (message.kind === "loaded") sendTo(worker, this.#options.startMessage());
      else receive(worker, message);
    });
    const end = new Promise<string>((resolve) => {
      worker.once("exit", (code, signal) => {
        this.#workers.delete(worker);
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    const first = await messageOf(worker, ({ kind }) => kind === "ready" || kind === "failed");
    if (first?.kind === "failed") {
      throw new WorkerError(first.message, first.hint === undefined ? {} : { hint: first.hint });
    }
    if (first === undefined) throw new WorkerError(`A worker ended before it served (${await end}).`);
    ready(worker);
    const start = performance.now();
    void end.then((reason) => {
      if (this.#isStopping) return;
      this.#earlyEnds = performance.now() - start > soundAfterMs ? 0 : this.#earlyEnds + 1;
      this.#options.note(
        `Worker ${worker.pid} ended (${reason}); another one starts. Requests that it had not answered were cut off.`,
      );
      void this.#replace();
    });
  }

  /** Tries until a worker serves again, in growing intervals. */
  async #replace(): Promise<void> {
    for (;;) {
      await wait(Math.min(firstDelayMs * 2 ** this.#earlyEnds, longestDelayMs));
      if (this.#isStopping) return;
      try {
        await this.#add();
        return;
      } catch (error) {
        if (this.#isStopping) return;
        this.#earlyEnds++;
        this.#options.note(`A worker could not start: ${(error as Error).message}`);
      }
    }
  }
}

export function sendTo(worker: Worker, message: MessageToWorker): void {
  if (worker.connected) worker.send(message);
}

/** The first such message of a worker; `undefined` if the worker ends before. */
export function messageOf(
  worker: Worker,
  isWanted: (message: MessageToMain) => boolean,
): Promise<MessageToMain | undefined> {
  return new Promise((resolve) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return resolve(undefined);
    const settle = (message?: MessageToMain) => {
      worker.off("message", look).off("exit", end);
      resolve(message);
    };
    const look = (message: MessageToMain) => {
      if (isWanted(message)) settle(message);
    };
    const end = () => settle();
    worker.on("message", look).on("exit", end);
  });
}
