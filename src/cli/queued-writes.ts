import { existsSync } from "node:fs";
import { createStore, openWriteQueue, writeQueueFile } from "../composition/application.ts";
import type { Settings } from "../config/settings.ts";
import { QueueBusyError } from "../foundation/errors.ts";
import { type DrainResult, drain } from "../store/policies/queue/drain.ts";
import type { WriteQueue } from "../store/policies/queue/write-queue.ts";
import type { CommandContext } from "./command.ts";
import { observersFor } from "./observers.ts";

/** Hands the queue of writes and the URL of the cloud index to `action`; `undefined` if no queue exists. */
export async function withQueue<T>(
  settings: Settings,
  action: (queue: WriteQueue, target: string | undefined) => T | Promise<T>,
): Promise<T | undefined> {
  if (!existsSync(writeQueueFile(settings))) return undefined;
  const { store, upstash } = settings;
  const queue = openWriteQueue(settings);
  try {
    return await action(queue, store === "upstash" ? upstash?.url : undefined);
  } finally {
    queue.close();
  }
}

/** Sends the waiting writes to the cloud index. @throws {QueueBusyError} if another process sends them */
export async function drainQueue(
  settings: Settings,
  queue: WriteQueue,
  target: string,
  context: CommandContext,
): Promise<DrainResult> {
  const { signal, terminal } = context;
  const total = queue.status(target).waiting;
  const store = createStore(settings, observersFor(context));
  try {
    const onProgress = (done: number) =>
      terminal.progress("Sending queued writes", done, Math.max(total, done));
    return await drain({ queue, store, target, signal, onProgress });
  } finally {
    await store.close();
  }
}

/**
 * Sends the waiting writes before a command that compares records with the index.
 * @throws {QueueBusyError} if writes still wait
 */
export async function sendQueuedWrites(settings: Settings, context: CommandContext): Promise<void> {
  await withQueue(settings, async (queue, target) => {
    if (target === undefined || !queue.hasWaiting(target)) return;
    const { stoppedBy } = await drainQueue(settings, queue, target, context);
    if (stoppedBy !== undefined) throw stoppedBy;
    if (!queue.hasWaiting(target)) return;
    throw new QueueBusyError("Queued writes have to reach the index first.", {
      hint: "Run: ragfood queue drain",
    });
  });
}
