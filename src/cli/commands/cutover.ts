import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { openOperator } from "../../composition/cutover-guard.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import { evidenceOf } from "../../cutover/history-text.ts";
import type { CutoverOperator, CutoverOverview, OperatorChange } from "../../cutover/operator.ts";
import type { Gate } from "../../cutover/watch/gates.ts";
import { CancelledError, ServiceError, UsageError } from "../../foundation/errors.ts";
import { shellWord } from "../../foundation/shell-word.ts";
import { placeFault } from "../../migration/chroma-place.ts";
import { type Archived, archiveDirectory, requireRoom } from "../../operations/backups/archive.ts";
import type { Stage } from "../../state/cutover/rows.ts";
import type { CommandContext, Run } from "../command.ts";
import { overviewJson, printCutover, printHistory } from "../cutover-display.ts";
import type * as definitions from "../definitions/cutover.ts";
import { exitCodes } from "../failure.ts";
import { comparePair, showComparison } from "../pair-comparison.ts";
import { asks } from "../question.ts";

export const showCutover: Run<typeof definitions.status> = async ({ json }, context) => {
  const overview = await withOperator(context, (operator) => operator.overview());
  if (json) context.terminal.json(overviewJson(overview));
  else printCutover(overview, context.terminal);
  return undefined;
};

export const startCutover: Run<typeof definitions.start> = async (values, context) => {
  const acceptsMetricChange = values["accept-metric-change"];
  const code = await change(values, context, async (operator, author) => {
    try {
      return await operator.start(author, { acceptsMetricChange, epoch: values.epoch });
    } catch (error) {
      if (error instanceof ServiceError) context.terminal.note(bothNeeded);
      throw error;
    }
  });
  if (code === exitCodes.done && !values.json) {
    context.terminal.note(
      "Until the target is level, nothing protects from the loss of the source: keep a backup.",
    );
  }
  return code;
};

const bothNeeded = "Nothing was changed: a start needs both stores, to compare what they are.";

export const advanceCutover: Run<typeof definitions.advance> = async (values, context) =>
  await change(values, context, (operator, author) =>
    operator.advance(author, {
      isForced: values.force,
      epoch: values.epoch,
      ...(values.canary !== undefined && { canaryPercent: values.canary }),
    }),
  );

export const rollBackCutover: Run<typeof definitions.rollback> = async (values, context) =>
  await change(values, context, (operator, author) =>
    operator.rollback(author, { keepsIncidentOpen: values["keep-open"], epoch: values.epoch }),
  );

export const cancelCutover: Run<typeof definitions.cancel> = async (values, context) =>
  await change(values, context, (operator, author) => operator.cancel(author, { epoch: values.epoch }));

export const pauseCutover: Run<typeof definitions.pause> = async (values, context) =>
  await change(values, context, (operator, author) => operator.pause(author, { epoch: values.epoch }));

export const resumeCutover: Run<typeof definitions.resume> = async (values, context) =>
  await change(values, context, (operator, author) => operator.resume(author, { epoch: values.epoch }));

export const finishCutover: Run<typeof definitions.finish> = async (values, context) => {
  const { archive, yes, json, force, epoch } = values;
  // Checked before the end of the cutover, which cannot be undone.
  if (archive !== undefined) {
    requireChromaDirectory(archive);
    if (!yes) await confirmArchive(archive, json, context);
  }
  const finished = await attempt(values, context, async (operator, author) => {
    const before = await operator.overview();
    if (archive !== undefined) {
      requireComparison(before, archive);
      await requireStopped(archive, before.control.stage, context);
    }
    // The archive may follow later: a Chroma server has to stop first, or the disk was full.
    const isSeen = epoch === undefined || epoch === before.control.epoch;
    if (archive !== undefined && isSeen && before.control.stage === "target-only") return { isDone: true };
    if (archive !== undefined) requireArchivable(archive, context);
    return await operator.finish(author, { isForced: force, epoch });
  });
  const archived =
    finished.result.isDone && archive !== undefined ? await archiveSource(archive, context) : undefined;
  const code = show(finished, values, context, archived && { archive: archived });
  if (code === exitCodes.done && !json) {
    if (archived) {
      const { path, checksumFile } = archived;
      context.terminal.note(`Archived ${archive} as ${path}, checksum in ${checksumFile}, and removed it.`);
    }
  }
  return code;
};

/** Where `ragfood backup create chroma_db` puts its archives, too. */
async function archiveSource(
  directory: string,
  { environment, signal, terminal }: CommandContext,
): Promise<Pick<Archived, "path" | "checksum" | "checksumFile">> {
  const { backups } = readSettings(environment);
  const options = { removeOriginal: true, signal };
  try {
    const { path, checksum, checksumFile } = await archiveDirectory(directory, backups.directory, options);
    return { path, checksum, checksumFile };
  } catch (error) {
    const again = `ragfood cutover finish --archive ${shellWord(directory)}`;
    const kept = existsSync(directory)
      ? `${directory} is kept as it was`
      : `${directory} could not be removed`;
    terminal.note(`The cutover has ended; ${kept}. To archive it, run again: ${again}`);
    throw error;
  }
}

/** @throws {StorageError} before the end of the cutover, which cannot be undone */
function requireArchivable(directory: string, { environment, terminal }: CommandContext): void {
  try {
    requireRoom(directory, readSettings(environment).backups.directory);
  } catch (error) {
    terminal.note(`Nothing was changed: the cutover has not ended, and ${directory} is kept.`);
    throw error;
  }
}

/** The source goes only after both stores were compared: `--force` opens the other gates. @throws {UsageError} */
function requireComparison(overview: CutoverOverview, directory: string): void {
  const gate = gatesOfTheEnd(overview).find(({ name }) => name === "integrity");
  const hasEnded = overview.control.stage === "target-only";
  // Another stage is refused as such.
  if (gate?.isOpen || !(hasEnded || overview.control.stage === "target")) return;
  const missing = gate
    ? `${gate.wants}; found: ${gate.has}`
    : "a comparison of the stores without a difference, and the history has none";
  throw new UsageError(`${directory} is archived only after ${missing}. Nothing was changed.`, {
    hint: `Run: ragfood ${hasEnded ? `backup create ${shellWord(directory)}` : "cutover verify"}`,
  });
}

/** Milliseconds in which a server on this machine answers. */
const answerMs = 2_000;

/**
 * A server that runs has the files of its directory open, and vectors in memory that it has not written yet.
 * @throws {UsageError} if the source is a Chroma server that answers
 */
async function requireStopped(
  directory: string,
  stage: Stage,
  { environment }: CommandContext,
): Promise<void> {
  const { store, chroma } = readSettings(environment);
  if (store !== "chroma") return;
  const isRunning = await fetch(new URL("/api/v2/heartbeat", chroma.url), {
    signal: AbortSignal.timeout(answerMs),
  }).then(
    () => true,
    () => false,
  );
  if (!isRunning) return;
  throw new UsageError(
    `Chroma answers at ${chroma.url}: ${directory} is archived after its server has stopped. Nothing was changed.`,
    {
      hint: `${stage === "target-only" ? "Stop" : "Run: ragfood cutover finish. Then stop"} Chroma, and run this command again.`,
    },
  );
}

/** The gates that `finish` has to pass, or that it has seen. */
function gatesOfTheEnd({ control, gates, history }: CutoverOverview): readonly Gate[] {
  if (control.stage === "target") return gates;
  const finish = history.find(({ event, to }) => event === "finish" && to === control.stage);
  return (finish && (evidenceOf(finish) as { gates: readonly Gate[] } | undefined)?.gates) ?? [];
}

/** The directory is removed in the end: nothing else may be in its place. @throws {UsageError} */
function requireChromaDirectory(path: string): void {
  const fault = placeFault(path);
  if (fault === undefined) return;
  throw new UsageError(`${path} ${fault.problem}, so it is not archived. Nothing was changed.`, {
    hint: fault.hint,
  });
}

/**
 * @throws {UsageError} if nobody can be asked
 * @throws {CancelledError} if the answer is no
 */
async function confirmArchive(directory: string, json: boolean, context: CommandContext): Promise<void> {
  const isAsked = asks(context, json);
  if (isAsked === undefined) {
    throw new UsageError(`--archive removes ${directory} after it is archived. Nothing was changed.`, {
      hint: "Confirm it with --yes.",
    });
  }
  const question = `End the cutover for good, archive ${directory} and remove it?`;
  if (!(await isAsked(question))) throw new CancelledError();
}

export const verifyStores: Run<typeof definitions.verify> = async (values, context) => {
  const { settings } = readCutover(context);
  const found = await comparePair(settings, values, context);
  const code = showComparison(found, values, context.terminal, "ragfood cutover verify");
  if (!values.json && found.countsNotBecause !== undefined) context.terminal.note(found.countsNotBecause);
  return code;
};

export const showHistory: Run<typeof definitions.history> = async ({ json, limit }, context) => {
  const changes = await withOperator(context, (operator) => operator.history(limit));
  printHistory(changes, json, context.terminal);
  return undefined;
};

/** @throws {UsageError} if the settings name no store to move to */
function readCutover({ environment }: CommandContext): {
  settings: Settings;
  cutover: NonNullable<Settings["cutover"]>;
} {
  const settings = readSettings(environment);
  if (settings.cutover !== undefined) return { settings, cutover: settings.cutover };
  throw new UsageError("The settings name no store to move to.", {
    hint: settings.fallback?.copiesWrites
      ? "A second copy of the index (FALLBACK_WRITES=copy) is no cutover. To compare it: ragfood fallback verify"
      : "Set CUTOVER_TO=upstash for this command and for every process that serves: docs/cutover.md.",
  });
}

async function withOperator<T>(
  context: CommandContext,
  action: (operator: CutoverOperator) => Promise<T>,
): Promise<T> {
  const { settings, cutover } = readCutover(context);
  const { operator, close } = await openOperator(settings, cutover);
  try {
    return await action(operator);
  } finally {
    await close();
  }
}

interface ChangeValues {
  readonly json: boolean;
  readonly reason?: string | undefined;
}

type OperatorAction = (
  operator: CutoverOperator,
  author: { readonly who: string; readonly reason?: string },
) => Promise<OperatorChange>;

/** A change, or what is missing for it, and the cutover after it. */
interface Attempt {
  readonly result: OperatorChange;
  readonly overview: CutoverOverview;
}

async function change(
  values: ChangeValues,
  context: CommandContext,
  action: OperatorAction,
): Promise<number> {
  return show(await attempt(values, context, action), values, context);
}

async function attempt(
  { reason }: ChangeValues,
  context: CommandContext,
  action: OperatorAction,
): Promise<Attempt> {
  const author = { who: userInfo().username, ...(reason !== undefined && { reason }) };
  return await withOperator(context, async (operator) => {
    const result = await action(operator, author);
    return { result, overview: await operator.overview() };
  });
}

/** @returns the exit code */
function show(
  { result, overview }: Attempt,
  { json }: ChangeValues,
  { terminal }: CommandContext,
  more: object = {},
): number {
  if (json) terminal.json({ ...result, ...more, status: overviewJson(overview) });
  else printCutover(overview, terminal, result);
  return result.isDone ? exitCodes.done : exitCodes.failed;
}
