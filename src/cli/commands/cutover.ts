import { existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { openOperator, verifyCutover } from "../../composition/cutover-guard.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import type { CutoverOperator, OperatorChange } from "../../cutover/operator.ts";
import { CancelledError, UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { archiveDirectory } from "../../operations/backups/archive.ts";
import type { CommandContext, Run } from "../command.ts";
import { printCutover } from "../cutover-display.ts";
import type * as definitions from "../definitions/cutover.ts";
import { exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";
import { asks } from "../question.ts";

export const showCutover: Run<typeof definitions.status> = async ({ json }, context) => {
  const overview = await withOperator(context, (operator) => operator.overview());
  if (json) context.terminal.json(overview);
  else printCutover(overview, context.terminal);
  return undefined;
};

export const startCutover: Run<typeof definitions.start> = async (values, context) => {
  if (!values.json) {
    context.terminal.note(
      "Until the target is level, nothing protects from the loss of the source: keep a backup.",
    );
  }
  return await change(values, context, (operator, author) => operator.start(author));
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
  await change(values, context, async (operator, author) => {
    await operator.pause(author);
    return { isDone: true };
  });

export const resumeCutover: Run<typeof definitions.resume> = async (values, context) =>
  await change(values, context, async (operator, author) => {
    await operator.resume(author);
    return { isDone: true };
  });

export const finishCutover: Run<typeof definitions.finish> = async (values, context) => {
  const { archive, yes, json, force } = values;
  // Checked before the end of the cutover, which cannot be undone.
  if (archive !== undefined) requireDirectory(archive);
  if (archive !== undefined && !yes) await confirmArchive(archive, json, context);
  const code = await change(values, context, (operator, author) =>
    operator.finish(author, { isForced: force }),
  );
  if (code !== exitCodes.done || archive === undefined) return code;
  const { path, checksumFile } = await archiveDirectory(archive, archivesDirectory, {
    removeOriginal: true,
    signal: context.signal,
  });
  context.terminal.note(
    `Archived ${archive} as ${path}, with its checksum in ${checksumFile}, and removed it.`,
  );
  return code;
};

/** Where `ragfood backup create chroma_db` puts its archives, too. */
const archivesDirectory = "backups";

/** @throws {UsageError} */
function requireDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  throw new UsageError(`${path} is not a directory, so that it cannot be archived. Nothing was changed.`, {
    hint: "Name the directory of the source after --archive, as chroma_db.",
  });
}

/**
 * @throws {UsageError} if nobody can be asked
 * @throws {CancelledError} if the answer is no
 */
async function confirmArchive(directory: string, json: boolean, context: CommandContext): Promise<void> {
  const isAsked = asks(context, json);
  if (isAsked === undefined) {
    throw new UsageError(`--archive would remove ${directory} after it is archived. Nothing was changed.`, {
      hint: "Confirm it with --yes.",
    });
  }
  const question = `End the cutover for good, archive ${directory} and remove it?`;
  if (!(await isAsked(question))) throw new CancelledError();
}

export const verifyStores: Run<typeof definitions.verify> = async ({ json, sample }, context) => {
  const { terminal, signal } = context;
  const { settings } = readCutover(context);
  const found = await verifyCutover(settings, {
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
  }
  return found.differences === 0 ? exitCodes.done : exitCodes.failed;
};

export const showHistory: Run<typeof definitions.history> = async ({ json, limit }, context) => {
  const changes = await withOperator(context, (operator) => operator.history(limit));
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

async function change(
  { json, reason }: { readonly json: boolean; readonly reason?: string | undefined },
  context: CommandContext,
  action: (
    operator: CutoverOperator,
    author: { readonly who: string; readonly reason?: string },
  ) => Promise<OperatorChange>,
): Promise<number | undefined> {
  const { terminal } = context;
  const author = { who: userInfo().username, ...(reason !== undefined && { reason }) };
  const [result, overview] = await withOperator(context, async (operator) => {
    const made = await action(operator, author);
    return [made, await operator.overview()] as const;
  });
  if (json) terminal.json({ ...result, status: overview });
  else {
    if (!result.isDone) {
      terminal.line("Nothing was changed:");
      for (const { message } of result.missing) terminal.line(`  ${message}`);
    }
    printCutover(overview, terminal);
  }
  return result.isDone ? exitCodes.done : exitCodes.failed;
}
