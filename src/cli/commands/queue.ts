import type { Settings } from "../../config/settings.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { QueuedSummary, QueueStatus, WriteQueue } from "../../store/policies/queue/write-queue.ts";
import { wholeNumber } from "../arguments.ts";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { exitCodes } from "../failure.ts";
import { drainQueue, withQueue } from "../queued-writes.ts";
import { printable } from "../render.ts";
import type { Terminal } from "../terminal.ts";

const args = {
  action: {
    type: "positional",
    required: false,
    description: "status, drain (send what waits), retry or discard (parked writes)",
    default: "status",
  },
  number: { type: "string", description: "which parked write to retry or discard", valueHint: "n" },
  all: { type: "boolean", description: "retry or discard all parked writes" },
  json: { type: "boolean", description: "print JSON" },
} as const;

const nothing: QueueStatus = { waiting: 0, oldest: undefined, parked: [], bytes: 0, elsewhere: {} };

export const queue: Command = defineCommand({
  name: "queue",
  description: "Shows, sends or drops writes that wait for the cloud index (OUTAGE_WRITES=queue)",
  args,
  examples: [
    ["ragfood queue", "how many wait, since when, and which the index has refused"],
    ["ragfood queue drain", "send them now, in their order"],
    ["ragfood queue retry --number 12", "queue a parked write anew, behind all others"],
    ["ragfood queue discard --all", "drop all parked writes for good"],
  ],
  async run(values, context) {
    const { terminal, environment } = context;
    const settings = readSettings(environment);
    const action = values._.length > 1 ? values._.join(" ") : (values.action ?? "status");
    const perform = actionFor(action);
    const which = whichOf(action, values);
    const code = await withQueue(settings, (open, target) =>
      perform({ settings, queue: open, target, which }, context),
    );
    const status = (await withQueue(settings, (open, target) => open.status(target))) ?? nothing;
    if (values.json) terminal.json(status);
    else printStatus(status, terminal);
    return code;
  },
});

interface ActionOptions {
  readonly settings: Settings;
  readonly queue: WriteQueue;
  readonly target: string;
  /** A parked write; `undefined`: all of them. */
  readonly which: number | undefined;
}

type Action = (options: ActionOptions, context: CommandContext) => Promise<number>;

const actions: Readonly<Record<string, Action>> = {
  status: async () => exitCodes.done,
  async drain({ settings, queue, target }, context) {
    const { carriedOut, parked, stoppedBy } = await drainQueue(settings, queue, target, context);
    context.terminal.note(`${carriedOut} sent, ${parked} refused and parked.`);
    if (stoppedBy !== undefined) throw stoppedBy;
    return parked > 0 ? exitCodes.failed : exitCodes.done;
  },
  retry: async ({ queue, target, which }, { terminal }) =>
    changed(queue.retry(target, which), "queued anew", terminal),
  discard: async ({ queue, target, which }, { terminal }) =>
    changed(queue.discard(target, which), "dropped", terminal),
};

/** @throws {UsageError} for an action that there is none of */
function actionFor(name: string): Action {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw new UsageError(`The queue has no action "${name}".`, {
    hint: `It is one of ${Object.keys(actions).join(", ")}.`,
  });
}

/** @throws {UsageError} where it is not said which, so that nothing is dropped by accident */
function whichOf(
  action: string,
  { number, all }: { number?: string | undefined; all?: boolean | undefined },
): number | undefined {
  if (number !== undefined) return wholeNumber("number", number, 1, Number.MAX_SAFE_INTEGER);
  if (all || !["retry", "discard"].includes(action)) return undefined;
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
