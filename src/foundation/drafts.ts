import { createHash, randomBytes } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { isRunning, processPlace } from "./process-identity.ts";

/**
 * Files are written under a draft name and renamed when complete. The name of a draft file ends in
 * its owner; a draft directory has a file with its owner beside it. So the next run can remove drafts of
 * processes that were killed, and leaves those that another process is writing.
 */

/** `<process>-<place>-<random, of the process>-<number>`. */
const ownerPattern = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-\d+$/;
const companion = /-(wal|shm|journal)$/;
/** A draft whose owner cannot be asked is abandoned if nothing has been written to it for an hour. */
const abandonedAfterMs = 3_600_000;

/** Distinguishes this process from an earlier one with its process id. */
const processToken = randomBytes(4).toString("hex");
let begun = 0;

function newOwner(): string {
  return `${process.pid}-${placeHash()}-${processToken}-${++begun}`;
}

function placeHash(): string {
  return createHash("sha256").update(processPlace()).digest("hex").slice(0, 8);
}

/** A name beside `file` for its draft. */
export function draftOf(file: string): string {
  return `${file}.${newOwner()}.draft`;
}

/** A name that begins with `prefix` and names its owner. */
export function ownedName(prefix: string): string {
  return prefix + newOwner();
}

/** Removes directories in `parent` that `ownedName` named with this prefix, and that no process holds. */
export function removeAbandonedDirectories(parent: string, prefix: string): void {
  for (const name of attempt(() => readdirSync(parent)) ?? []) {
    const path = join(parent, name);
    if (!name.startsWith(prefix)) continue;
    attempt(() => {
      if (isAbandoned(name.slice(prefix.length), path)) rmSync(path, { recursive: true, force: true });
    });
  }
}

const ownerSuffix = ".owner";

/**
 * Names this process as the owner of the draft directory `draft`, before it is made.
 * @throws {Error} EEXIST if another process is
 */
export function ownDraft(draft: string): void {
  writeFileSync(draft + ownerSuffix, newOwner(), { flag: "wx" });
}

/** Removes the draft of a file. Ignores errors, which would hide the original one. */
export function removeDraft(draft: string): void {
  attempt(() => rmSync(draft, { force: true }));
}

/** Removes a draft directory and the name of its owner. */
export function removeOwnedDraft(draft: string): void {
  rmSync(draft, { recursive: true, force: true });
  disownDraft(draft);
}

export function disownDraft(draft: string): void {
  rmSync(draft + ownerSuffix, { force: true });
}

/**
 * Removes the drafts in a directory that no process holds. A directory that cannot be read is skipped.
 */
export function removeAbandonedDrafts(directory: string): void {
  for (const name of attempt(() => readdirSync(directory)) ?? []) {
    const path = join(directory, name);
    attempt(() => {
      if (/\.partial\.owner$/.test(name) && lstatSync(path).isFile()) {
        if (isAbandoned(readFileSync(path, "utf8"), path))
          removeOwnedDraft(path.slice(0, -ownerSuffix.length));
      } else if (isAbandonedFile(name.replace(companion, ""), path)) {
        rmSync(path, { force: true });
      }
    });
  }
}

function isAbandonedFile(name: string, path: string): boolean {
  const owner = /\.([^.]+)\.draft$/.exec(name)?.[1];
  return owner !== undefined && isAbandoned(owner, path);
}

function isAbandoned(owner: string, path: string): boolean {
  const [, id, place, token] = ownerPattern.exec(owner) ?? [];
  if (id === undefined) return false;
  if (place !== placeHash()) return isOld(path);
  return Number(id) === process.pid ? token !== processToken : !isRunning(Number(id));
}

function isOld(path: string): boolean {
  return Date.now() - lstatSync(path).mtimeMs > abandonedAfterMs;
}
