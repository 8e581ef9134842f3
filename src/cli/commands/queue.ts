import { userInfo } from "node:os";
import { readSettings } from "../../config/settings.ts";
import {
  adoptWrites,
  discardElsewhere,
  type Elsewhere,
  nameOfPair,
  outagePair,
  writesElsewhere,
} from "../../cutover/queue/pairs.ts";
import { discardParked, type ParkedChoice, parkedWrite, retryParked } from "../../cutover/queue/parked.ts";
import { type QueuedSummary, type QueueStatus, queueStatus } from "../../cutover/queue/status.ts";
import type { Author } from "../../cutover/rules/change.ts";
import { cutoverHistory } from "../../cutover/status.ts";
import { CancelledError, UsageError } from "../../foundation/errors.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { shellOption } from "../../foundation/shell-word.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import { printHistory } from "../cutover-display.ts";
import type * as definitions from "../definitions/queue.ts";
import { exitCodes } from "../failure.ts";
import { printable } from "../foreign-text.ts";
import { asks } from "../question.ts";
import { drainOutbox, type Outbox, withOutbox } from "../queued-writes.ts";
import type { Terminal } from "../terminal.ts";

/** Fails if a write is damaged: it will not reach the index. */
export const showQueue: Run<typeof definitions.status> = async (values, context) =>
  await act(values, context, async () => undefined);

export const sendQueue: Run<typeof definitions.drain> = async (values, context) =>
  await act(values, context, async (outbox) => {
    if (outbox.pair === "") throw noCloudIndex();
    const settings = readSettings(context.environment);
    const { carriedOut, parked, stoppedBy } = await drainOutbox(settings, outbox, context);
    context.terminal.note(`${carriedOut} sent, ${parked} refused and parked.`);
    if (stoppedBy !== undefined) throw stoppedBy;
    return parked > 0 ? exitCodes.failed : exitCodes.done;
  });

/** One parked write, with what it would write. */
export const showWrite: Run<typeof definitions.show> = async ({ number, json }, context) => {
  if (number === undefined) {
    throw new UsageError("Say which parked write to show.", { hint: "Like: ragfood queue show --number 12" });
  }
  const { terminal, environment } = context;
  const find = ({ protocol }: Outbox) => parkedWrite(protocol, number);
  const write = await withOutbox(readSettings(environment), context, find);
  if (write === undefined) {
    terminal.note(`No parked write has the number ${number}. ragfood queue lists them.`);
    return exitCodes.failed;
  }
  const { namespace, id, reason, parkedAt, operation, isDamaged } = write;
  if (json) {
    terminal.json({ ...write, parkedAt: new Date(parkedAt) });
    return exitCodes.done;
  }
  terminal.line(`${number}: ${placeOf(namespace, id === "" ? undefined : id)}`);
  terminal.line(`Parked: ${new Date(parkedAt).toISOString()}${isDamaged ? ", damaged" : ""}`);
  terminal.line(`Reason: ${printable(reason)}`);
  terminal.line(printable(operation));
  return exitCodes.done;
};

export const retryWrites: Run<typeof definitions.retry> = async (values, context) => {
  const which = selected("retry", values);
  return await act(
    values,
    context,
    async ({ state, pair, protocol }) => {
      if (pair === "") throw noCloudIndex();
      const count =
        "from" in which
          ? await adoptWrites(state, elsewhere(which.from, pair, values))
          : await retryParked(protocol, which.choice, authorOf(values));
      return changed(count, "queued again", context.terminal);
    },
    () => changed(0, "queued again", context.terminal),
  );
};

export const discardWrites: Run<typeof definitions.discard> = async (values, context) => {
  const which = selected("discard", values);
  await confirm(which, values, context);
  return await act(
    values,
    context,
    async ({ state, pair, protocol }) => {
      const count =
        "from" in which
          ? await discardElsewhere(state, elsewhere(which.from, pair, values))
          : await discardParked(protocol, which.choice, authorOf(values));
      return changed(count, "dropped", context.terminal);
    },
    () => changed(0, "dropped", context.terminal),
  );
};

/** What was decided of the writes of this outbox, with who decided and why. */
export const showDecisions: Run<typeof definitions.history> = async ({ json, limit }, context) => {
  const read = ({ protocol }: Outbox) => cutoverHistory(protocol, limit);
  const changes = await withOutbox(readSettings(context.environment), context, read);
  printHistory(changes ?? [], json, context.terminal);
  return undefined;
};

/**
 * Does something with the outbox, then shows its status, which is the result unless the action has one.
 *
 * @param withoutOutbox the exit code if there is no outbox yet. Default: 0
 */
async function act(
  { json }: { readonly json: boolean },
  context: CommandContext,
  action: (outbox: Outbox) => Promise<number | undefined>,
  withoutOutbox: () => number = () => exitCodes.done,
): Promise<number | undefined> {
  const { terminal, environment } = context;
  const shown = await withOutbox(readSettings(environment), context, async (outbox) => {
    const code = await action(outbox);
    const status = await queueStatus(outbox.protocol);
    return { code, status, elsewhere: await writesElsewhere(outbox.state, outbox.pair) };
  });
  const { code, status, elsewhere } = shown ?? { code: withoutOutbox(), status: nothing, elsewhere: {} };
  if (json) terminal.json({ ...status, elsewhere });
  else printStatus(status, elsewhere, terminal);
  return code ?? (status.damaged.length > 0 ? exitCodes.failed : exitCodes.done);
}

const nothing: QueueStatus = {
  waiting: 0,
  oldest: undefined,
  parked: [],
  parkedCount: 0,
  bytes: 0,
  damaged: [],
};

function noCloudIndex(): UsageError {
  return new UsageError("The settings name no cloud index to send writes to.", {
    hint: "Set UPSTASH_VECTOR_REST_URL and UPSTASH_VECTOR_REST_TOKEN.",
  });
}

function authorOf({ reason }: { readonly reason?: string | undefined }): Author {
  return { who: userInfo().username, ...(reason !== undefined && { reason }) };
}

/** @throws {UsageError} for the outbox of the settings itself */
function elsewhere(name: string, pair: string, values: { readonly reason?: string | undefined }): Elsewhere {
  if (name === nameOfPair(pair)) {
    throw new UsageError(`${printable(name)} is the outbox of the settings. Nothing was changed.`, {
      hint: "--from takes another one, as ragfood queue lists it. ragfood queue --help shows the choices.",
    });
  }
  // Without an index, the settings have an outbox of their own, for the history.
  return { name, pair: pair === "" ? outagePair("") : pair, author: authorOf(values) };
}

type Selection = { readonly choice: ParkedChoice } | { readonly from: string };

/** @throws {UsageError} unless the choice is clear, so that nothing is dropped by accident */
function selected(action: string, { number, all, from }: ValuesOf<typeof definitions.retry>): Selection {
  const choices = [number, from, all || undefined].filter((choice) => choice !== undefined);
  if (choices.length !== 1) {
    throw new UsageError(`Say which writes to ${action}.`, {
      hint: "One of: --number <n>, --all (parked writes), --from <url> (writes for another index)",
    });
  }
  if (from !== undefined) return { from };
  return { choice: number === undefined ? "all" : { sequence: number } };
}

/**
 * @throws {UsageError} if nobody can be asked
 * @throws {CancelledError} if the answer is no
 */
async function confirm(
  which: Selection,
  { yes, json }: { readonly yes: boolean; readonly json: boolean },
  context: CommandContext,
): Promise<void> {
  if (yes) return;
  const what =
    "from" in which
      ? `all writes for ${printable(which.from)}`
      : which.choice === "all"
        ? "all parked writes"
        : `the parked write ${which.choice.sequence}`;
  const ask = asks(context, json);
  if (ask === undefined) {
    throw new UsageError(`This drops ${what} for good. Nothing was dropped.`, {
      hint: "Confirm it with --yes.",
    });
  }
  if (!(await ask(`Drop ${what} for good?`))) throw new CancelledError("Nothing was dropped.");
}

function changed(count: number, what: string, terminal: Terminal): number {
  terminal.note(`${counted(count, "write")} ${what}.`);
  return count > 0 ? exitCodes.done : exitCodes.failed;
}

function printStatus(
  { waiting, oldest, parked, parkedCount, bytes, damaged }: QueueStatus,
  elsewhere: Readonly<Record<string, number>>,
  terminal: Terminal,
): void {
  terminal.line(`${waiting} waiting, ${parkedCount} parked, ${(bytes / 1_048_576).toFixed(1)} MiB`);
  if (oldest) terminal.line(`Oldest: ${describe(oldest)}`);
  for (const write of parked) terminal.line(`Parked: ${describe(write)}`);
  if (damaged.length > 0) {
    terminal.note(`Damaged, and not sent: ${damaged.join(", ")}. ragfood queue drain parks them.`);
    terminal.note(`Then drop each: ragfood queue discard --number ${damaged[0]}`);
  }
  for (const [name, count] of Object.entries(elsewhere)) {
    terminal.note(
      `${counted(count, "write")} for ${printable(name)}, which the settings do not name. Send to the current index: ragfood queue retry ${shellOption("from", printable(name))}. Drop: ragfood queue discard ${shellOption("from", printable(name))}`,
    );
  }
}

function describe(write: QueuedSummary): string {
  const { sequence, operation, namespace, id, since, attempts, reason } = write;
  const what = operation === "" ? "damaged write" : operation;
  const attempted = attempts === 0 ? "" : `, ${counted(attempts, "attempt")} failed`;
  const why = reason === "" ? "" : `. ${printable(reason)}`;
  return `${sequence}: ${what} of ${placeOf(namespace, id)}, since ${since.toISOString()}${attempted}${why}`;
}

function placeOf(namespace: string, id: string | undefined): string {
  const where = namespaceName(namespace);
  return id === undefined ? where : `${printable(id)} in ${where}`;
}
