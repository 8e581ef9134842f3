import { backupDirectory, findBackup } from "../../backup/index.ts";
import type { Phase } from "../phase.ts";
import { fileState } from "./file-state.ts";

interface BackupFacts {
  readonly path: string;
  readonly checksum: string;
  readonly byteCount: number;
  /** Size and time of the archive, by which a change of it shows. */
  readonly state: readonly number[];
}

/** Copies the directory of the source before anything else is done with it. */
export const backupPhase: Phase = {
  name: "backup",
  skipped: ({ migration: { source } }) =>
    source.directory === undefined
      ? "the source is not a Chroma directory; it is only read, and the export is a copy of it"
      : undefined,
  inputs: async ({ migration: { source, backupsDirectory } }) => [source.fingerprint, backupsDirectory],
  isInPlace: ({ facts }) => {
    const { path, state } = facts as BackupFacts;
    return JSON.stringify(fileState(path)) === JSON.stringify(state);
  },
  async run({ migration: { source, backupsDirectory }, signal }) {
    const { directory, includeJournals = false } = source;
    const shared = await findBackup(directory as string, backupsDirectory, signal);
    const { path, checksum, files } =
      shared ?? (await backupDirectory(directory as string, backupsDirectory, { includeJournals, signal }));
    const byteCount = files.reduce((sum, { size }) => sum + size, 0);
    const facts: BackupFacts = { path, checksum, byteCount, state: fileState(path) };
    return {
      summary: `${path}, ${(byteCount / 2 ** 20).toFixed(1)} MiB, ${shared ? "made before of the same files, " : ""}read back and compared`,
      facts,
      markdown: [`- Archive: ${path}`, `- SHA-256: \`${checksum}\``, `- Files: ${files.length}`].join("\n"),
    };
  },
};
