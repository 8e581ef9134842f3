import { existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { bytesIn, nearestDirectory } from "../../foundation/directories.ts";
import type { Finding } from "../../foundation/finding.ts";
import type { SampledSize } from "../../migration/survey/index.ts";
import { examined } from "../../operations/finding.ts";

/** What a migration writes on this machine, and where. */
export interface SpacePlan {
  /** Measured from the source. */
  readonly size: SampledSize;
  /** Files of the source that are backed up first. */
  readonly sourceDirectory?: string | undefined;
  readonly backupsDirectory: string;
  /** Parent of the dump, and its name or its beginning; `undefined` if none is written. */
  readonly dump?: { readonly directory: string; readonly name: string } | undefined;
  /** The file of an embedded index that is written. */
  readonly indexFile?: string | undefined;
  /** The directory of the ledger and the reports. */
  readonly ledgerDirectory: string;
}

interface Need {
  readonly what: "backup" | "dump" | "index" | "ledger";
  readonly directory: string;
  readonly bytes: number;
  /** What is needed even if the files compress well. */
  readonly minimum: number;
}

/** Smallest size of compressed text in backups and dumps, as a share of the original. */
const minimumCompression = 0.5;
/** Write-ahead log of a SQLite file, until it is copied into the file (1,000 pages of 4 KiB). */
const logBytes = 4 * 2 ** 20;
/** Of one record in the ledger: the key, the block that wrote it, and the index over them. */
const ledgerBytesPerRecord = 64;
/** Results of the phases, in the ledger and in two reports. */
const reportBytes = 2 ** 20;

/**
 * One finding for each file system that is written to: a problem if even well compressed files do not fit, a warning
 * if they may not fit. Space that an earlier run has already used is not counted again.
 */
export function spaceFindings(plan: SpacePlan): Finding[] {
  const byDevice = new Map<number, Need[]>();
  for (const need of needsOf(plan)) {
    const { dev } = statSync(need.directory);
    byDevice.set(dev, [...(byDevice.get(dev) ?? []), need]);
  }
  return [...byDevice.values()].map(spaceFinding);
}

function spaceFinding(needs: readonly Need[]): Finding {
  const [{ directory }] = needs as [Need];
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const needed = needs.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = needs.map(({ what, bytes }) => `${what} ${megabytes(bytes)}`).join(", ");
  const detail = `${megabytes(free)} free at ${directory}, up to ${megabytes(needed)} needed (${parts})`;
  if (free > needed) return examined("Disk", "fact", detail);
  const minimum = needs.reduce((sum, need) => sum + need.minimum, 0);
  const level = free > minimum ? "warning" : "problem";
  return examined(
    "Disk",
    level,
    detail,
    "Free some space before the run, or set --backups and RAGFOOD_DIR to another disk.",
  );
}

function needsOf(plan: SpacePlan): Need[] {
  const { size, sourceDirectory, backupsDirectory, dump, indexFile, ledgerDirectory } = plan;
  const { contentBytes, vectorBytes, recordCount } = size;
  const needs: Need[] = [];
  const add = (what: Need["what"], path: string, bytes: number, fixed = 0) => {
    const minimum = bytes * minimumCompression + fixed;
    needs.push({ what, directory: nearestDirectory(path), bytes: bytes + fixed, minimum });
  };
  if (sourceDirectory !== undefined) {
    const isThere = bytesOfMatching(backupsDirectory, basename(resolve(sourceDirectory))) > 0;
    add("backup", backupsDirectory, isThere ? 0 : bytesIn(sourceDirectory));
  }
  if (dump) {
    const isThere = bytesOfMatching(dump.directory, dump.name) > 0;
    // Vectors are written in base64.
    add("dump", dump.directory, isThere ? 0 : contentBytes + (vectorBytes * 4) / 3);
  }
  if (indexFile !== undefined) {
    const bytes = Math.max(0, contentBytes + vectorBytes - bytesIn(indexFile));
    add("index", dirname(indexFile), bytes, logBytes);
  }
  const ledgerBytes = recordCount * ledgerBytesPerRecord + logBytes + reportBytes;
  add(
    "ledger",
    ledgerDirectory,
    0,
    Math.max(0, ledgerBytes - bytesIn(join(ledgerDirectory, "ledger.sqlite"))),
  );
  return needs;
}

/** Total bytes of the directory entries with this prefix. */
function bytesOfMatching(directory: string, start: string): number {
  if (!existsSync(directory)) return 0;
  const names = readdirSync(directory).filter((name) => name.startsWith(start));
  return names.reduce((sum, name) => sum + bytesIn(join(directory, name)), 0);
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}
