import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { backupIndex, indexFile, restoreBackup, verifyFile } from "../../embedded/index.ts";
import { IngestState } from "../../foods/ingest-state.ts";
import { DataError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { replaceRefused } from "../../foundation/put-aside.ts";
import type { BackupPart } from "../../operations/backups/part.ts";
import { ingestStateFile } from "../application.ts";
import type { BackupSettings } from "./backup-settings.ts";

/** The embedded index in one file, copied while it serves. */
export function indexPart({ settings }: BackupSettings): BackupPart {
  const path = indexFile(settings.directory);
  return {
    kind: "index",
    name: "index",
    source: resolve(path),
    obstacle: () => (existsSync(path) ? undefined : `There is no index at ${path} yet.`),
    write: (directory) => backupIndex(path, fileIn(directory)),
    async prove(directory, place) {
      const restored = indexFile(place);
      restoreBackup(fileIn(directory), restored);
      return `${counted(requireWhole(restored), "record")} restored, each equal to its checksum`;
    },
    async restore(directory, { replace }) {
      if (existsSync(path) && !replace) throw replaceRefused(`There is an index at ${path}.`);
      const aside = restoreBackup(fileIn(directory), path, { overwrite: replace, keep: true });
      new IngestState(ingestStateFile(settings)).forgetAll();
      return {
        summary: `${path}: ${counted(requireWhole(path), "record")}`,
        aside,
        notes: ["Restart what serves the index: it has the former file open."],
      };
    },
  };
}

function fileIn(directory: string): string {
  return join(directory, "index.sqlite");
}

/** @returns the number of records @throws {DataError} if one is not what its checksum says */
function requireWhole(path: string): number {
  const { recordCount, faults } = verifyFile(path);
  if (faults.length === 0) return recordCount;
  throw new DataError(path, `${path} is damaged: ${faults[0]?.problem}`, { faults });
}
