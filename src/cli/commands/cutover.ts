import { existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { openOperator, verifyCutover } from "../../composition/cutover-guard.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import { evidenceOf } from "../../cutover/history-text.ts";
import type { CutoverOperator, CutoverOverview, OperatorChange } from "../../cutover/operator.ts";
import type { Gate } from "../../cutover/watch/gates.ts";
import { CancelledError, UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { type Archived, archiveDirectory } from "../../operations/backups/archive.ts";
import type { Stage } from "../../state/cutover/rows.ts";
import type { CommandContext, Run } from "../command.ts";
import { overviewJson, printCutover, printHistory } from "../cutover-display.ts";
import type * as definitions from "../definitions/cutover.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { asks } from "../question.ts";

export const showCutover: Run<typeof definitions.status> = async ({ json }, context) => {
  const overview = await withOperator(context, (operator) => operator.overview());
  if (json) context.terminal.json(overviewJson(overview));
  else printCutover(overview, context.terminal);
  return undefined;
};

export const startCutover: Run<typeof definitions.start> = async (values, context) => {
  const code = await change(values, context, (operator, author) => operator.start(author));
  if (code === exitCodes.done && !values.json) {
    context.terminal.note(
      "Until the target is level, nothing protects from the loss of the source: keep a backup.",
    );
  }
  return code;
};

export const advanceCutover: Run<typeof definitions.advance> = async (values, context) =>
  await change(values, context, (operator, author) =>
    operator.advance(author, {
      isForced: values.force,
      ...(values.canary !== undefined && { canaryPercent: values.canary }),
    }),
  );

export const rollBackCutover: Run<typeof definitions.rollback> = async (values, context) =>
  await change(values, context, (operator, author) => operator.rollback(author));

export const cancelCutover: Run<typeof definitions.cancel> = async (values, context) =>
  await change(values, context, (operator, author) => operator.cancel(author));

export const pauseCutover: Run<typeof definitions.pause> = async (values, context) =>
  await change(values, context, (operator, author) => operator.pause(author));

export const resumeCutover: Run<typeof definitions.resume> = async (values, context) =>
  await change(values, context, (operator, author) => operator.resume(author));

export const finishCutover: Run<typeof definitions.finish> = async (values, context) => {
  const { archive, yes, json, force } = values;
  // Checked before the end of the cutover, which cannot be undone.
  if (archive !== undefined) {
    requireDirectory(archive);
    if (!yes) await confirmArchive(archive, json, context);
  }
  const finished = await attempt(values, context, async (operator, author) => {
    const before = await operator.overview();
    if (archive !== undefined) requireComparison(before, archive);
    // The archive may follow later: a Chroma server has to stop first, or the disk was full.
    if (archive !== undefined && before.control.stage === "target-only") return { isDone: true };
    return await operator.finish(author, { isForced: force });
  });
  const archived =
    finished.result.isDone && archive !== undefined ? await archiveSource(archive, context) : undefined;
  const code = show(finished, values, context, archived && { archive: archived });
  if (code === exitCodes.done && !json) {
    if (archived) {
      const { path, checksumFile } = archived;
      context.terminal.note(`Archived ${archive} as ${path}, checksum in ${checksumFile}, and removed it.`);
    }
    context.terminal.note(
      "Now set STORE=upstash, remove CUTOVER_TO, and restart every process: docs/cutover.md.",
    );
  }
  return code;
};

/** Where `ragfood backup create chroma_db` puts its archives, too. */
async function archiveSource(
  directory: string,
  { environment, signal }: CommandContext,
): Promise<Pick<Archived, "path" | "checksum" | "checksumFile">> {
  const { backups } = readSettings(environment);
  const options = { removeOriginal: true, signal };
  const { path, checksum, checksumFile } = await archiveDirectory(directory, backups.directory, options);
  return { path, checksum, checksumFile };
}

/** The source goes only after both stores were compared: `--force` opens the other gates. @throws {UsageError} */
function requireComparison(overview: CutoverOverview, directory: string): void {
  const gate = gatesOfTheEnd(overview).find(({ name }) => name === "integrity");
  if (gate === undefined || gate.isOpen) return;
  const hasEnded = overview.control.stage === "target-only";
  throw new UsageError(
    `${directory} is archived only after ${gate.wants}; found: ${gate.has}. Nothing was changed.`,
    { hint: `Run: ragfood ${hasEnded ? `backup create ${directory}` : "cutover verify"}` },
  );
}

/** The gates that `finish` has to pass, or that it has seen. */
function gatesOfTheEnd({ control, gates, history }: CutoverOverview): readonly Gate[] {
  if (control.stage === "target") return gates;
  const finish = history.find(({ event, to }) => event === "finish" && to === control.stage);
  return (finish && (evidenceOf(finish) as { gates: readonly Gate[] } | undefined)?.gates) ?? [];
}

/** @throws {UsageError} */
function requireDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  throw new UsageError(`${path} is not a directory and cannot be archived. Nothing was changed.`, {
    hint: "Name the directory of the source, for example: --archive chroma_db",
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

export const verifyStores: Run<typeof definitions.verify> = async ({ json, sample }, context) => {
  const { terminal, signal } = context;
  const { settings } = readCutover(context);
  const { stage, ...found } = await verifyCutover(settings, {
    size: sample ?? Number.POSITIVE_INFINITY,
    signal,
    onProgress: (checked, total) => terminal.progress("Comparing", checked, total),
  });
  if (json) terminal.json(found);
  else {
    const { checked, differences, pending, listed } = found;
    terminal.line(`${counted(checked, "record")} compared, ${counted(differences, "difference")}`);
    for (const { namespace, id, problem } of listed) {
      terminal.line(`  ${oneLine(namespace === "" ? id : `${namespace}/${id}`)}: ${problem}`);
    }
    if (pending > 0) terminal.line(`Not compared, because writes to them are under way: ${pending}`);
    const aside = beside[stage];
    if (aside !== undefined) terminal.note(aside);
  }
  return found.differences === 0 ? exitCodes.done : exitCodes.failed;
};

/** Stages in which a comparison opens no gate. */
const beside: Readonly<Partial<Record<Stage, string>>> = {
  source: "The cutover has not started: gates count only comparisons that are made after its start.",
  "target-only": "The cutover is finished: the source gets no copies any more.",
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
    hint: "Set CUTOVER_TO=upstash for this command and for every process that serves: docs/cutover.md.",
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
  else {
    if (!result.isDone) {
      terminal.line("Nothing was changed:");
      for (const { message } of result.missing) terminal.line(`  ${message}`);
    }
    printCutover(overview, terminal);
  }
  return result.isDone ? exitCodes.done : exitCodes.failed;
}
