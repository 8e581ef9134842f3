import { existsSync, renameSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileFailure } from "../../foundation/file-failure.ts";
import { counted } from "../../foundation/plural.ts";
import { asideOf, replaceRefused } from "../../foundation/put-aside.ts";
import { ChromaDirectory } from "../../migration/chroma-directory/index.ts";
import type { BackupPart } from "../../operations/backups/part.ts";

/** A directory as it is, for example that of a Chroma. */
export function directoryPart(directory: string): BackupPart {
  const source = resolve(directory);
  return {
    kind: "directory",
    name: basename(source),
    source,
    directory,
    obstacle: () => (existsSync(directory) ? undefined : `There is no directory ${directory}.`),
    // It is archived as it is.
    write: async () => {},
    async prove(content, _, signal) {
      if (!existsSync(join(content, "chroma.sqlite3")))
        return "every file restored, each equal to its SHA-256";
      return `${counted(await readChroma(content, signal), "record")} of Chroma restored and read, every file equal to its SHA-256`;
    },
    async restore(content, { replace }) {
      const exists = existsSync(directory);
      if (exists && !replace) throw replaceRefused(`${directory} exists.`);
      const aside = exists ? asideOf(source) : undefined;
      try {
        if (aside !== undefined) renameSync(source, aside);
        renameSync(content, source);
      } catch (error) {
        throw fileFailure(source, "cannot be replaced", error, moveHint(aside));
      }
      return { summary: `${directory} is as it was`, aside, notes: [] };
    },
  };
}

function moveHint(aside: string | undefined): string {
  const back = aside === undefined ? "" : ` What was there may be in ${aside}: rename it back.`;
  return `Keep the backups on the same file system, or restore with: ragfood backup restore <archive> <new directory>.${back}`;
}

/** Reads every record of every collection. @returns their number @throws {DataError} for one that cannot be read */
async function readChroma(path: string, signal: AbortSignal | undefined): Promise<number> {
  const directory = ChromaDirectory.open(path);
  try {
    let count = 0;
    for (const collection of directory.collections) {
      for await (const records of directory.source(collection).records({ signal })) count += records.length;
    }
    return count;
  } finally {
    directory.close();
  }
}
