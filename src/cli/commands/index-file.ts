import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { embeddedSettings, ingestStateFile } from "../../composition/application.ts";
import { requireOutsideCutover } from "../../composition/outside-cutover.ts";
import { secondIdentity } from "../../composition/store-identity.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import { backupIndex, indexFile, repairIndex, restoreBackup, verifyFile } from "../../embedded/index.ts";
import { IngestState } from "../../foods/ingest-state.ts";
import { UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import type { CommandContext, Run } from "../command.ts";
import type * as definitions from "../definitions/index-file.ts";
import { exitCodes } from "../failure.ts";

interface Place {
  readonly settings: Settings;
  readonly path: string;
}

function placeOf({ environment }: CommandContext, directory: string | undefined): Place {
  const settings = readSettings(environment);
  return { settings, path: indexFile(directory ?? settings.directory) };
}

export const verifyIndex: Run<typeof definitions.verify> = async (values, context) => {
  const { path } = placeOf(context, values.directory);
  const report = verifyFile(path);
  const { recordCount, faults } = report;
  if (values.json) context.terminal.json({ path, ...report });
  else {
    const problems = faults.map(({ problem }) => `Damaged: ${problem}`);
    const whole = `${path}: ${counted(recordCount, "record")}, each as it was written`;
    for (const line of faults.length === 0 ? [whole] : problems) context.terminal.line(line);
  }
  return faults.length === 0 ? exitCodes.done : exitCodes.failed;
};

export const backupFile: Run<typeof definitions.backup> = async (values, context) => {
  const { path } = placeOf(context, values.directory);
  if (!values.overwrite && existsSync(values.file)) {
    throw new UsageError(`${values.file} exists. Nothing was written.`, {
      hint: "Name another file, or replace this one with --overwrite.",
    });
  }
  await backupIndex(path, values.file);
  const { recordCount } = verifyFile(values.file);
  if (values.json) context.terminal.json({ file: values.file, path, recordCount });
  else context.terminal.line(`${values.file}: ${counted(recordCount, "record")} of ${path}, verified`);
  return exitCodes.done;
};

export const restoreFile: Run<typeof definitions.restore> = async (values, context) => {
  const { path, settings } = placeOf(context, values.directory);
  await requireOutsideCutover({ ...settings, directory: dirname(path) }, resolve(path));
  restoreBackup(values.file, path, { overwrite: values.overwrite });
  forgetIngests(settings, path);
  const { recordCount } = verifyFile(path);
  if (values.json) context.terminal.json({ path, recordCount });
  else context.terminal.line(`${path}: ${counted(recordCount, "record")} of ${values.file}`);
  return exitCodes.done;
};

export const repairFile: Run<typeof definitions.repair> = async (values, context) => {
  const { path, settings } = placeOf(context, values.directory);
  await requireOutsideCutover({ ...settings, directory: dirname(path) }, resolve(path));
  const report = repairIndex(path, embeddedSettings(settings));
  forgetIngests(settings, path);
  const { kept, lost, isLossKnown, lostIds, damagedFile } = report;
  if (values.json) context.terminal.json({ path, ...report });
  else {
    const count = Object.values(kept).reduce((sum, each) => sum + each, 0);
    const loss = isLossKnown ? `${lost} lost` : `at least ${lost} lost: how many it held cannot be read`;
    context.terminal.line(`${path}: ${counted(count, "record")} kept, ${loss}`);
    for (const id of lostIds) context.terminal.line(`Lost: ${id}`);
    context.terminal.note(`${damagedFile} keeps the former file. ${refillAdvice(settings, path)}`);
  }
  return isLossKnown && lost === 0 ? exitCodes.done : exitCodes.failed;
};

/** What was ingested before is not in the index as it was. */
function forgetIngests(settings: Settings, path: string): void {
  if (path === indexFile(settings.directory)) new IngestState(ingestStateFile(settings)).forgetAll();
}

/** How an index gets what was lost. */
function refillAdvice(settings: Settings, path: string): string {
  const { fallback } = settings;
  const isCopy = fallback?.copiesWrites === true && secondIdentity(settings) === resolve(path);
  return isCopy
    ? "It is a second copy: running processes make all of it again, and until then it answers nothing (ragfood status)."
    : "ragfood ingest adds what its data file has and the index lacks.";
}
