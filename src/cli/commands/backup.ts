import { UsageError } from "../../foundation/errors.ts";
import { type Backup, backupDirectory, restoreBackup, verifyBackup } from "../../migration/backup/index.ts";
import { type Command, defineCommand } from "../command.ts";
import { printable } from "../render.ts";

const args = {
  action: { type: "positional", required: true, description: "create, verify or restore" },
  path: {
    type: "positional",
    required: true,
    description: "create: the directory to back up; else: the archive, .tar.gz",
  },
  into: {
    type: "positional",
    required: false,
    description: "create: where backups are kept (default: backups); restore: the directory to make",
  },
  "include-journals": {
    type: "boolean",
    description: "create: take a database that was left in the middle of a transaction, with its journal",
  },
  json: { type: "boolean", description: "print JSON" },
} as const;

export const backup: Command = defineCommand({
  name: "backup",
  description: "Backs a directory up into a verified archive, verifies one, or restores it",
  args,
  examples: [
    ["ragfood backup create chroma_db", "backups/chroma_db-<time>.tar.gz, read back and compared"],
    ["ragfood backup verify backups/chroma_db-20260101T090000.000Z.tar.gz", "every file against its hash"],
    [
      "ragfood backup restore backups/chroma_db-20260101T090000.000Z.tar.gz chroma_restored",
      "into a directory that is not there yet",
    ],
  ],
  async run(values, { terminal, signal }) {
    const { action, path, into } = values;
    const includeJournals = values["include-journals"] ?? false;
    const say = (text: string, result: object) => {
      if (values.json) terminal.json(result);
      else terminal.line(printable(text));
    };
    if (includeJournals && action !== "create") throw new UsageError("--include-journals goes with create.");
    if (action === "create") {
      const made = await backupDirectory(path, into ?? "backups", { includeJournals, signal });
      say(`${made.path}\n${summary(made)}, SHA-256 ${made.checksum}`, made);
    } else if (action === "verify") {
      if (into !== undefined)
        throw new UsageError(`verify takes one archive; "${into}" is one word too many.`);
      const verified = await verifyBackup(path);
      say(`Whole: ${summary(verified)}, SHA-256 ${verified.checksum}`, verified);
    } else if (action === "restore") {
      if (into === undefined) throw new UsageError("restore needs the directory to make, after the archive.");
      const { source, createdAt, files } = await restoreBackup(path, into);
      say(`${into} is ${source} as of ${createdAt}: ${summary({ files })}`, {
        into,
        source,
        createdAt,
        files,
      });
    } else {
      throw new UsageError(`backup has no action "${action}".`, {
        hint: "It has create, verify and restore.",
      });
    }
    return undefined;
  },
});

function summary({ files }: Pick<Backup, "files">): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const count = files.filter(({ type }) => type === "file").length;
  return `${count} files, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
