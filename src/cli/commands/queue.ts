import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { QueuedSummary, QueueStatus, WriteQueue } from "../../store/policies/queue/write-queue.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type * as definitions from "../definitions/queue.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { drainQueue, withQueue } from "../queued-writes.ts";
import type { Terminal } from "../terminal.ts";

const nothing: QueueStatus = { waiting: 0, oldest: undefined, parked: [], bytes: 0, elsewhere: {} };

export const showQueue: Run<typeof definitions.status> = async (values, context) =>
  await act(values, context, async () => exitCodes.done);

export const sendQueue: Run<typeof definitions.drain> = async (values, context) =>
  await act(values, context, async (queue, target) => {
    const settings = readSettings(context.environment);
    const { carriedOut, parked, stoppedBy } = await drainQueue(settings, queue, target, context);
    context.terminal.note(`${carriedOut} sent, ${parked} refused and parked.`);
    if (stoppedBy !== undefined) throw stoppedBy;
    return parked > 0 ? exitCodes.failed : exitCodes.done;
  });

export const retryWrites: Run<typeof definitions.retry> = async (values, context) => {
  const which = parkedWrite("retry", values);
  return await act(values, context, async (queue, target) =>
    changed(queue.retry(target, which), "queued again", context.terminal),
  );
};

export const discardWrites: Run<typeof definitions.discard> = async (values, context) => {
  const which = parkedWrite("discard", values);
  return await act(values, context, async (queue, target) =>
    changed(queue.discard(target, which), "dropped", context.terminal),
  );
};

/** Does something with the queue, then shows its status. */
async function act(
  { json }: { readonly json: boolean },
  { terminal, environment }: CommandContext,
  action: (queue: WriteQueue, target: string) => Promise<number>,
): Promise<number | undefined> {
  const settings = readSettings(environment);
  const code = await withQueue(settings, action);
  const status = (await withQueue(settings, (open, target) => open.status(target))) ?? nothing;
  if (json) terminal.json(status);
  else printStatus(status, terminal);
  return code;
}

/** @returns `undefined` for all @throws {UsageError} if neither is given, so that nothing is dropped by accident */
function parkedWrite(
  action: string,
  { number, all }: ValuesOf<typeof definitions.retry>,
): number | undefined {
  if (number !== undefined || all) return number;
  throw new UsageError(`Say which parked write to ${action}.`, { hint: "--number <n>, or --all" });
}

function changed(count: number, what: string, terminal: Terminal): number {
  terminal.note(`${count} ${count === 1 ? "write" : "writes"} ${what}.`);
  return count > 0 ? exitCodes.done : exitCodes.failed;
}

function printStatus({ waiting, oldest, parked, bytes, elsewhere }: QueueStatus, terminal: Terminal): void {
  terminal.line(`${waiting} waiting, ${parked.length} parked, ${(bytes / 1_048_576).toFixed(1)} MiB`);
  if (oldest) terminal.line(`Oldest: ${describe(oldest)}`);
  for (const write of parked) terminal.line(`Parked: ${describe(write)}`);
  for (const [target, count] of Object.entries(elsewhere)) {
    terminal.note(`${count} writes are for ${target}, which the settings do not name any more.`);
  }
}

function describe(write: QueuedSummary): string {
  const { sequence, operation, records, namespace, queuedAt, attempts, reason } = write;
  const what = records === undefined ? operation : `${operation} of ${records}`;
  const where = namespace === "" ? "the default namespace" : `namespace ${printable(namespace)}`;
  return `${sequence}: ${what} in ${where}, since ${queuedAt.toISOString()}, sent ${attempts} times. ${printable(reason)}`;
}
