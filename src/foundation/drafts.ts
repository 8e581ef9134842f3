import { createHash, randomBytes } from "node:crypto";
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { isRunning, processPlace } from "./process-identity.ts";

/**
 * Files are written under a draft name and renamed when complete. The name of a draft file ends in
 * its owner; a draft directory has a file with its owner beside it. So the next run can remove drafts of
 * processes that were killed, and leaves those that another process is writing.
 */

/** `<process>-<place>-<random>`. */
const ownerPattern = /^(\d+)-([0-9a-f]{8})-[0-9a-f]{8}$/;
const companion = /-(wal|shm|journal)$/;
/** Drafts of versions before 0.2 name no owner. */
const formerDraft = /\.([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)\.draft$|\.tar\.gz\.partial$/;
/** A draft whose owner cannot be asked is abandoned if nothing has been written to it for an hour. */
const abandonedAfterMs = 3_600_000;

/** Drafts that this process has begun. Another one with its process id was left by an earlier process. */
const ownHere = new Set<string>();

function newOwner(): string {
  const owner = `${process.pid}-${placeHash()}-${randomBytes(4).toString("hex")}`;
  ownHere.add(owner);
  return owner;
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
  if (owner !== undefined && ownerPattern.test(owner)) return isAbandoned(owner, path);
  return formerDraft.test(name) && !isHeldOpen(path);
}

function isAbandoned(owner: string, path: string): boolean {
  const [, id, place] = ownerPattern.exec(owner) ?? [];
  if (id === undefined) return false;
  if (place !== placeHash()) return isOld(path);
  return Number(id) === process.pid ? !ownHere.has(owner) : !isRunning(Number(id));
}

function isOld(path: string): boolean {
  return Date.now() - lstatSync(path).mtimeMs > abandonedAfterMs;
}

/** Whether a process of this user has a file open; without /proc, whether it was written recently. */
function isHeldOpen(path: string): boolean {
  if (process.platform !== "linux") return !isOld(path);
  const file = realpathSync(path);
  return readdirSync("/proc").some((id) => /^\d+$/.test(id) && openFilesOf(id).includes(file));
}

function openFilesOf(id: string): string[] {
  const directory = `/proc/${id}/fd`;
  return (
    attempt(() => readdirSync(directory))?.flatMap(
      (name) => attempt(() => readlinkSync(join(directory, name))) ?? [],
    ) ?? []
  );
}
