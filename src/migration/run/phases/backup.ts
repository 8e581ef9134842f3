import { existsSync } from "node:fs";
import { backupDirectory } from "../../backup/index.ts";
import type { Phase } from "../phase.ts";

interface BackupFacts {
  readonly path: string;
  readonly checksum: string;
  readonly byteCount: number;
}

/** Copies the directory of the source before anything else is done with it. */
export const backupPhase: Phase = {
  name: "backup",
  leftOut: ({ migration: { source } }) =>
    source.directory === undefined
      ? "the source is no directory of Chroma; it is only read, and the export is a copy of it"
      : undefined,
  inputs: async ({ migration: { source, backupsDirectory } }) => [source.fingerprint, backupsDirectory],
  isInPlace: ({ facts }) => existsSync((facts as BackupFacts).path),
  async run({ migration: { source, backupsDirectory }, signal }) {
    const { directory, includeJournals = false } = source;
    const { path, checksum, files } = await backupDirectory(directory as string, backupsDirectory, {
      includeJournals,
      signal,
    });
    const facts: BackupFacts = {
      path,
      checksum,
      byteCount: files.reduce((sum, { size }) => sum + size, 0),
    };
    return {
      summary: `${path}, ${(facts.byteCount / 2 ** 20).toFixed(1)} MiB, read back and compared`,
      facts,
      markdown: [`- Archive: ${path}`, `- SHA-256: \`${checksum}\``, `- Files: ${files.length}`].join("\n"),
    };
  },
};
