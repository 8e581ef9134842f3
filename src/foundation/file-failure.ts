import { RagfoodError, StorageError } from "./errors.ts";

/** Errors of the system that a person can act on, by their code (man 3 errno). */
const advice: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EACCES: ["this user may not", "Give this user the right to it, or name another place."],
  EPERM: ["this user may not", "Give this user the right to it, or name another place."],
  EROFS: ["the file system is read-only", "Name a place on a file system that can be written."],
  ENOENT: ["it, or a directory of its path, does not exist", "Check the path."],
  ENOTDIR: ["a part of its path is a file", "Check the path."],
  EISDIR: ["it is a directory", "Name a file."],
  EEXIST: ["something of that name exists", "Name another file, or move this one away."],
  ENOSPC: ["the disk is full", "Free some space, then run the command again."],
  EDQUOT: ["the quota of this user is used up", "Free some space, then run the command again."],
  EFBIG: [
    "the file would be larger than the system allows",
    "Raise the limit (ulimit -f), or split the work.",
  ],
  EIO: ["the disk could not be read or written", "Check the disk."],
  EMFILE: [
    "this process has as many files and connections open as it may",
    "Raise the limit (ulimit -n), or do fewer things at once.",
  ],
  ENFILE: [
    "the system has as many files open as it may",
    "Close other programs, or raise the system's limit (fs.file-max).",
  ],
  ENAMETOOLONG: ["its path, or a name in it, is too long", "Name a shorter path."],
  ELOOP: ["its path has a circle of links", "Check the links."],
  EXDEV: ["it is on another file system", "Name a place on the same file system."],
};

/**
 * What the file system reports, as a sentence for a person and what to do; `undefined` for an error of another
 * kind.
 */
export function systemFailure(error: unknown): { problem: string; hint: string } | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  const [problem, hint] = advice[code] ?? [message, "Check the disk and the rights to it."];
  return { problem: advice[code] ? `${code}, ${problem}` : problem, hint };
}

/**
 * An error of the file system as a StorageError that says what could not be done; any other error unchanged.
 *
 * @param attempt the failed action, such as "cannot be written"
 * @param hint replaces the general hint
 */
export function fileFailure(path: string, attempt: string, error: unknown, hint?: string): unknown {
  if (error instanceof RagfoodError) return error;
  const failure = systemFailure(error);
  if (failure === undefined) return error;
  return new StorageError(path, `${path} ${attempt}: ${failure.problem}.`, {
    cause: error,
    hint: hint ?? failure.hint,
  });
}
