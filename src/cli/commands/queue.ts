import { writeQueueFile } from "../../composition/application.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { repairQueue } from "../../store/policies/queue/repair.ts";
import type { QueuedSummary, QueueStatus, WriteQueue } from "../../store/policies/queue/write-queue.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type * as definitions from "../definitions/queue.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { drainQueue, withQueue } from "../queued-writes.ts";
import type { Terminal } from "../terminal.ts";

/** Fails if a write is damaged: it will not reach the index. */
export const showQueue: Run<typeof definitions.status> = async (values, context) =>
  await act(values, context, async () => undefined);

export const sendQueue: Run<typeof definitions.drain> = async (values, context) =>
  await act(values, context, async (queue, target) => {
    if (target === undefined) throw noCloudIndex();
    const settings = readSettings(context.environment);
    const { carriedOut, parked, stoppedBy } = await drainQueue(settings, queue, target, context);
    context.terminal.note(`${carriedOut} sent, ${parked} refused and parked.`);
    if (stoppedBy !== undefined) throw stoppedBy;
    return parked > 0 ? exitCodes.failed : exitCodes.done;
  });

export const retryWrites: Run<typeof definitions.retry> = async (values, context) => {
  const which = selected("retry", values);
  return await act(values, context, async (queue, target) => {
    if (target === undefined) throw noCloudIndex();
    const count =
      which.from === undefined ? queue.retry(target, which.number) : queue.adopt(which.from, target);
    return changed(count, "queued again", context.terminal);
  });
};

export const discardWrites: Run<typeof definitions.discard> = async (values, context) => {
  const which = selected("discard", values);
  return await act(values, context, async (queue, target = "") => {
    const { from, number } = which;
    const count = from === undefined ? queue.discard(target, number) : queue.discardAll(from);
    return changed(count, "dropped", context.terminal);
  });
};

export const repairWrites: Run<typeof definitions.repair> = async ({ json }, { terminal, environment }) => {
  const report = repairQueue(writeQueueFile(readSettings(environment)));
  if (json) terminal.json(report);
  else terminal.line(`${counted(report.kept, "write")} kept; ${report.damagedFile} keeps the damaged file`);
  return exitCodes.done;
};

/** Does something with the queue, then shows its status, which is the result unless the action has one. */
async function act(
  { json }: { readonly json: boolean },
  { terminal, environment }: CommandContext,
  action: (queue: WriteQueue, target: string | undefined) => Promise<number | undefined>,
): Promise<number | undefined> {
  const settings = readSettings(environment);
  const shown = await withQueue(settings, async (queue, target) => {
    const code = await action(queue, target);
    return { code, status: queue.status(target ?? ""), damaged: queue.findDamaged(target ?? "") };
  });
  const { code, status, damaged } = shown ?? { code: exitCodes.done, status: nothing, damaged: [] };
  if (json) terminal.json({ ...status, damaged });
  else printStatus(status, damaged, terminal);
  return code ?? (damaged.length > 0 ? exitCodes.failed : exitCodes.done);
}

const nothing: QueueStatus = { waiting: 0, oldest: undefined, parked: [], bytes: 0, elsewhere: {} };

function noCloudIndex(): UsageError {
  return new UsageError("The settings name no cloud index to send writes to.", {
    hint: "Set UPSTASH_VECTOR_REST_URL and UPSTASH_VECTOR_REST_TOKEN.",
  });
}

/** @throws {UsageError} unless the choice is clear, so that nothing is dropped by accident */
function selected(
  action: string,
  { number, all, from }: ValuesOf<typeof definitions.retry>,
): { readonly number?: number; readonly from?: string } {
  const choices = [number, from, all || undefined].filter((choice) => choice !== undefined);
  if (choices.length !== 1) {
    throw new UsageError(`Say which writes to ${action}.`, {
      hint: "One of: --number <n>, --all (parked writes), --from <url> (writes for another index)",
    });
  }
  return { ...(number !== undefined && { number }), ...(from !== undefined && { from }) };
}

function changed(count: number, what: string, terminal: Terminal): number {
  terminal.note(`${count} ${count === 1 ? "write" : "writes"} ${what}.`);
  return count > 0 ? exitCodes.done : exitCodes.failed;
}

function printStatus(
  { waiting, oldest, parked, bytes, elsewhere }: QueueStatus,
  damaged: readonly number[],
  terminal: Terminal,
): void {
  terminal.line(`${waiting} waiting, ${parked.length} parked, ${(bytes / 1_048_576).toFixed(1)} MiB`);
  if (oldest) terminal.line(`Oldest: ${describe(oldest)}`);
  for (const write of parked) terminal.line(`Parked: ${describe(write)}`);
  if (damaged.length > 0) {
    terminal.note(`Damaged, and not sent: ${damaged.join(", ")}. ragfood queue drain parks them.`);
    terminal.note(`Then drop each: ragfood queue discard --number ${damaged[0]}`);
  }
  for (const [target, count] of Object.entries(elsewhere)) {
    terminal.note(
      `${counted(count, "write")} for ${printable(target)}, which the settings do not name. Send to the current index: ragfood queue retry --from ${printable(target)}. Drop: ragfood queue discard --from ${printable(target)}`,
    );
  }
}

function describe(write: QueuedSummary): string {
  const { sequence, operation, records, namespace, queuedAt, attempts, reason } = write;
  const what = records === undefined ? operation : `${operation} of ${records}`;
  const where = namespace === "" ? "the default namespace" : `namespace ${printable(namespace)}`;
  return `${sequence}: ${what} in ${where}, since ${queuedAt.toISOString()}, sent ${attempts} times. ${printable(reason)}`;
}
