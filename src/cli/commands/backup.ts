import { backupSettings } from "../../composition/backups/open.ts";
import { openParts } from "../../composition/backups/parts.ts";
import { readKeyFile } from "../../composition/key-file.ts";
import { requireRestorable, requireStateRestorable } from "../../composition/outside-cutover.ts";
import { ownIdentity } from "../../composition/store-identity.ts";
import { readSettings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { shellWord } from "../../foundation/shell-word.ts";
import { type Backup, restoreBackup, verifyBackup } from "../../migration/backup/index.ts";
import {
  type BackupEntry,
  chooseBackup,
  listBackups,
  namedBackup,
  passedOver,
} from "../../operations/backups/catalog.ts";
import { createBackup as createPart } from "../../operations/backups/create.ts";
import type { BackupPart } from "../../operations/backups/part.ts";
import { expiredBackups, pruneBackups } from "../../operations/backups/prune.ts";
import { drillNewest, restorePart } from "../../operations/backups/restore.ts";
import type { CommandContext, Run } from "../command.ts";
import type * as definitions from "../definitions/backup.ts";
import { errorToJson, exitCodes } from "../failure.ts";
import { oneLine } from "../foreign-text.ts";

export const createBackup: Run<typeof definitions.create> = async (values, context) => {
  const { terminal, signal } = context;
  const given = givenOf(context, { directory: values.into, keyFile: values["key-file"] });
  const results: object[] = [];
  for (const part of openParts(values.what, given)) {
    const obstacle = part.obstacle();
    // Of all parts, some may not exist yet; one that was named has to.
    if (obstacle !== undefined && values.what === undefined) {
      if (!values.json) terminal.note(`${obstacle} It is skipped.`);
      continue;
    }
    const made = await createPart(part, given.backupsDirectory, {
      key: given.key,
      signal,
      includeJournals: values["include-journals"],
    });
    results.push({ kind: part.kind, source: part.source, ...made });
    if (values.json) continue;
    terminal.line(made.path);
    terminal.line(`${summary(made)}, SHA-256 ${made.checksum}`);
  }
  if (values.json) terminal.json(values.what === undefined ? results : results[0]);
  return undefined;
};

export const showBackups: Run<typeof definitions.list> = async (values, context) => {
  const { terminal } = context;
  const { backupsDirectory } = givenOf(context, { directory: values.into });
  const entries = listBackups(backupsDirectory);
  if (values.json) terminal.json(entries);
  else if (entries.length === 0) terminal.line(`There are no backups in ${backupsDirectory}.`);
  else for (const entry of entries) terminal.line(lineOf(entry));
  return undefined;
};

export const checkBackup: Run<typeof definitions.verify> = async (
  values,
  { terminal, signal, environment },
) => {
  const file = values["key-file"] ?? readSettings(environment).backups.keyFile;
  const verified = await verifyBackup(values.archive, {
    signal,
    ...(file !== undefined && { key: readKeyFile(file) }),
  });
  if (values.json) terminal.json(verified);
  else if (verified.isContentChecked)
    terminal.line(`Whole: ${summary(verified)}, SHA-256 ${verified.checksum}`);
  else
    terminal.line(
      `The archive is the one that was written, SHA-256 ${verified.checksum}. Its content was not checked: it is encrypted, and no key was given (--key-file).`,
    );
  return verified.isContentChecked ? exitCodes.done : exitCodes.unchecked;
};

export const removeOldBackups: Run<typeof definitions.prune> = async (values, context) => {
  const { terminal } = context;
  const { backupsDirectory, settings } = givenOf(context, { directory: values.into });
  const days = values["keep-days"] ?? settings.backups.retentionDays;
  const isDry = values["dry-run"];
  const entries = (isDry ? expiredBackups : pruneBackups)(backupsDirectory, days);
  if (values.json) terminal.json(entries);
  else {
    for (const { path } of entries) terminal.line(path);
    const verb = isDry ? "would be deleted" : "deleted";
    terminal.note(`${counted(entries.length, "backup")} older than ${counted(days, "day")} ${verb}.`);
  }
  return undefined;
};

export const restore: Run<typeof definitions.restore> = async (values, context) => {
  const { terminal, signal } = context;
  const { what, into } = values;
  const given = givenOf(context, { directory: values.backups, keyFile: values["key-file"] });
  if (/\.tar\.gz(\.encrypted)?$/.test(what)) {
    if (into === undefined) {
      throw new UsageError("An archive needs a directory to be restored into.", {
        hint: `ragfood backup restore ${shellWord(what)} <new directory>`,
      });
    }
    const { source, createdAt, files } = await restoreBackup(what, into, { key: given.key, signal });
    if (values.json) terminal.json({ into, source, createdAt, files });
    else terminal.line(`${into} is ${source} as of ${createdAt}: ${summary({ files })}`);
    return undefined;
  }
  if (into !== undefined)
    throw new UsageError(`${what} is restored in its place. Leave out ${into}, or name an archive.`);
  if (values.archive !== undefined && values.at !== undefined)
    throw new UsageError("--archive names one backup, --at chooses one. Leave one of them out.");
  if (what === "index") await requireRestorable(given.settings, ownIdentity(given.settings));
  if (what === "state") await requireStateRestorable(given.settings);
  const [part] = openParts(what, given) as [BackupPart];
  const entry =
    values.archive === undefined
      ? chooseBackup(given.backupsDirectory, part, timeOf(values.at))
      : namedBackup(values.archive, part);
  const restored = await restorePart(part, entry, given.backupsDirectory, {
    key: given.key,
    signal,
    replace: values.replace,
  });
  if (values.json) {
    const { path: backup, source, createdAt } = entry;
    terminal.json({ backup, source, createdAt, ...restored });
  } else {
    terminal.line(`${restored.summary}, as of ${entry.createdAt}`);
    if (entry.source !== part.source) terminal.note(`It is the backup of ${entry.source}.`);
    if (restored.aside !== undefined) terminal.line(`What was there before: ${restored.aside}`);
    if (values.archive === undefined) {
      for (const { path, problem } of passedOver(given.backupsDirectory, part, entry, timeOf(values.at)))
        terminal.note(`A newer backup was not used: ${path}: ${problem}.`);
    }
    if (values.at !== undefined) terminal.note(undoneBy(entry));
    for (const note of restored.notes) terminal.note(note);
  }
  return undefined;
};

export const proveBackups: Run<typeof definitions.drill> = async (values, context) => {
  const { terminal, signal } = context;
  const given = givenOf(context, { directory: values.backups, keyFile: values["key-file"] });
  const results: object[] = [];
  let hasFailed = false;
  for (const part of openParts(values.what, given)) {
    if (values.what === undefined && part.obstacle() !== undefined) continue;
    try {
      const report = await drillNewest(part, given.backupsDirectory, { key: given.key, signal });
      results.push({ ...report, isProven: true });
      if (!values.json)
        terminal.line(
          `Proven: ${report.path}: ${report.summary}, in ${(report.durationMs / 1_000).toFixed(1)} s`,
        );
    } catch (error) {
      if (values.what !== undefined || signal.aborted) throw error;
      hasFailed = true;
      results.push({ source: part.source, isProven: false, error: errorToJson(error) });
      if (!values.json) terminal.line(`Not proven: ${part.source}: ${(error as Error).message}`);
    }
  }
  if (values.json) terminal.json(values.what === undefined ? results : results[0]);
  return hasFailed ? exitCodes.failed : exitCodes.done;
};

function givenOf(
  { environment }: CommandContext,
  choices: { readonly directory?: string | undefined; readonly keyFile?: string | undefined },
) {
  return backupSettings(readSettings(environment), environment, choices);
}

/** @throws {UsageError} */
function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--at is "${text}", which is not a time.`, {
    hint: "Write it as 2026-11-30T03:00Z.",
  });
}

/** Backups are points, and a time is between two of them. */
function undoneBy({ createdAt }: BackupEntry): string {
  return `The newest backup up to that time is of ${createdAt}. Later changes to its records are undone.`;
}

function summary({ files }: Pick<Backup, "files">): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const count = files.filter(({ type }) => type === "file").length;
  return `${counted(count, "file")}, ${sizeOf(bytes)} uncompressed`;
}

function lineOf({
  path,
  createdAt,
  kind,
  reason,
  byteCount,
  isEncrypted,
  verifiedAt,
  drilledAt,
  problem,
  fault,
}: BackupEntry): string {
  return [
    `${createdAt.slice(0, 16).replace("T", " ")} (${ageOf(createdAt)} old)`,
    kind.padEnd(9),
    `${sizeOf(byteCount).padStart(11)} archive`,
    problem ??
      (fault && `cannot be restored: ${oneLine(fault)}`) ??
      (verifiedAt === undefined ? "not verified" : `verified ${ageOf(verifiedAt)} ago`),
    ...(drilledAt === undefined || fault !== undefined ? [] : [`restored aside ${ageOf(drilledAt)} ago`]),
    ...(isEncrypted ? ["encrypted"] : []),
    ...(reason === undefined ? [] : ["copy from before a restore"]),
    path,
  ].join("  ");
}

function sizeOf(bytes: number): string {
  return bytes < 2 ** 20 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `35 min`, `7 h`, `12 days`. */
function ageOf(time: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : counted(Math.round(minutes / 1_440), "day");
}
