import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { openCutoverProtocol } from "../../composition/cutover.ts";
import { readSettings } from "../../config/settings.ts";
import { type Author, type Change, cancelHold, changeStage, setCanary } from "../../cutover/rules/change.ts";
import type { Protocol } from "../../cutover/rules/protocol.ts";
import { type CutoverStatus, cutoverHistory, cutoverStatus } from "../../cutover/status.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import type { CommandContext, Run } from "../command.ts";
import type * as definitions from "../definitions/cutover.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import type { Terminal } from "../terminal.ts";

const defaultCanaryPercent = 5;

export const showCutover: Run<typeof definitions.status> = async ({ json }, context) => {
  const status = await withProtocol(context, cutoverStatus);
  if (json) context.terminal.json(status);
  else print(status, context.terminal);
  return undefined;
};

export const startCutover: Run<typeof definitions.start> = async (values, context) => {
  if (!values.json) {
    context.terminal.note(
      "Until the target is level, nothing protects from the loss of the source: keep a backup.",
    );
  }
  return await change(values, context, (protocol, author) =>
    changeStage(protocol, "start", author, { holdId: randomUUID() }),
  );
};

export const advanceCutover: Run<typeof definitions.advance> = async (values, context) =>
  await change(values, context, async (protocol, author) => {
    const { control } = await cutoverStatus(protocol);
    if (control.stage === "canary" && values.canary !== undefined) {
      return setCanary(protocol, values.canary, author);
    }
    return changeStage(protocol, "advance", author, {
      holdId: randomUUID(),
      canaryPercent: values.canary ?? defaultCanaryPercent,
      epoch: control.epoch,
    });
  });

export const rollBackCutover: Run<typeof definitions.rollback> = async (values, context) =>
  await change(values, context, (protocol, author) =>
    changeStage(protocol, "rollback", author, { holdId: randomUUID() }),
  );

export const cancelCutover: Run<typeof definitions.cancel> = async (values, context) =>
  await change(values, context, cancelHold);

export const finishCutover: Run<typeof definitions.finish> = async (values, context) =>
  await change(values, context, (protocol, author) =>
    changeStage(protocol, "finish", author, { holdId: randomUUID() }),
  );

export const showHistory: Run<typeof definitions.history> = async ({ json, limit }, context) => {
  const changes = await withProtocol(context, (protocol) => cutoverHistory(protocol, limit));
  const { terminal } = context;
  if (json) terminal.json({ changes });
  else if (changes.length === 0) terminal.line("The cutover has not started.");
  for (const entry of json ? [] : changes) {
    const why = entry.reason === "" ? "" : `: ${oneLine(entry.reason)}`;
    const time = new Date(entry.at).toISOString();
    terminal.line(`${time}  ${entry.event}: ${entry.from} to ${entry.to}, by ${oneLine(entry.who)}${why}`);
  }
  return undefined;
};

/** @throws {UsageError} if the settings name no store to move to */
async function withProtocol<T>(
  { environment }: CommandContext,
  action: (protocol: Protocol) => Promise<T>,
): Promise<T> {
  const settings = readSettings(environment);
  if (settings.cutover === undefined) {
    throw new UsageError("The settings name no store to move to.", {
      hint: "Set CUTOVER_TO=upstash for this command and for every process that serves: docs/cutover.md.",
    });
  }
  const { protocol, close } = openCutoverProtocol(settings, settings.cutover);
  try {
    return await action(protocol);
  } finally {
    await close();
  }
}

async function change(
  { json, reason }: { readonly json: boolean; readonly reason?: string | undefined },
  context: CommandContext,
  action: (protocol: Protocol, author: Author) => Promise<Change>,
): Promise<number | undefined> {
  const { terminal } = context;
  const author: Author = { who: userInfo().username, ...(reason !== undefined && { reason }) };
  const [result, status] = await withProtocol(context, async (protocol) => {
    const made = await action(protocol, author);
    return [made, await cutoverStatus(protocol)] as const;
  });
  if (json) terminal.json({ ...result, status });
  else {
    if (!result.isDone) {
      terminal.line("Nothing was changed:");
      for (const { message } of result.missing) terminal.line(`  ${message}`);
    }
    print(status, terminal);
  }
  return result.isDone ? exitCodes.done : exitCodes.failed;
}

function print({ control, lag, marks, processes, failing, parked }: CutoverStatus, terminal: Terminal): void {
  const { stage, leader, hold, level, epoch, canaryPercent, isRecording } = control;
  const share = stage === "canary" ? `, ${canaryPercent} % of the questions from the target` : "";
  terminal.line(`Stage: ${stage} (${leader} leads${share})`);
  if (hold) terminal.line(`Changing to ${hold.to}: writes are queued until it has everything.`);
  if (stage === "source" && isRecording)
    terminal.line("The rollback settles: writes may still be on their way.");
  if (isRecording && stage !== "source") {
    terminal.line(
      level === "level" ? "The target holds every record." : `The target is not level: ${levels[level]}.`,
    );
    terminal.line(`Lag: ${counted(lag.records, "record")}, ${lag.seconds.toFixed(1)} s`);
  }
  if (marks.queued > 0) {
    terminal.line(
      `Queued: ${counted(marks.queued, "write")}, the first for ${lag.queuedSeconds.toFixed(1)} s`,
    );
  }
  const confirmed = processes.filter((process) => process.epoch >= epoch).length;
  terminal.line(`Processes: ${processes.length}, of which ${confirmed} act on this stage`);
  for (const { namespace, id, attempts, reason } of failing) {
    const named = oneLine(namespace === "" ? id : `${namespace}/${id}`);
    terminal.line(`Record ${named}: ${counted(attempts, "attempt")} failed: ${oneLine(reason)}`);
  }
  for (const { id, reason } of parked) {
    terminal.line(`Write to ${oneLine(id)} was refused and is kept aside: ${oneLine(reason)}`);
  }
}

const levels = {
  none: "not every process marks its writes yet",
  touching: "the records are being listed",
  draining: "the records are being copied",
} as const;
