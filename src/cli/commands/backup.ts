import { counted } from "../../foundation/plural.ts";
import { type Backup, backupDirectory, restoreBackup, verifyBackup } from "../../migration/backup/index.ts";
import type { CommandContext, Run } from "../command.ts";
import type * as definitions from "../definitions/backup.ts";

export const createBackup: Run<typeof definitions.create> = async (values, { terminal, signal }) => {
  const made = await backupDirectory(values.directory, values.into ?? "backups", {
    includeJournals: values["include-journals"],
    signal,
  });
  print([made.path, `${summary(made)}, SHA-256 ${made.checksum}`], made, values, terminal);
  return undefined;
};

export const checkBackup: Run<typeof definitions.verify> = async (values, { terminal, signal }) => {
  const verified = await verifyBackup(values.archive, { signal });
  print([`Whole: ${summary(verified)}, SHA-256 ${verified.checksum}`], verified, values, terminal);
  return undefined;
};

export const restore: Run<typeof definitions.restore> = async (values, { terminal, signal }) => {
  const { archive, into } = values;
  const { source, createdAt, files } = await restoreBackup(archive, into, { signal });
  const restored = { into, source, createdAt, files };
  print([`${into} is ${source} as of ${createdAt}: ${summary({ files })}`], restored, values, terminal);
  return undefined;
};

function print(
  lines: readonly string[],
  result: object,
  { json }: { readonly json: boolean },
  terminal: CommandContext["terminal"],
): void {
  if (json) terminal.json(result);
  else for (const line of lines) terminal.line(line);
}

function summary({ files }: Pick<Backup, "files">): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const count = files.filter(({ type }) => type === "file").length;
  return `${counted(count, "file")}, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
