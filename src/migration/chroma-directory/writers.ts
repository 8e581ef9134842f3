import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** A process that may write to a file. */
export interface Writer {
  readonly processId: number;
  readonly command: string;
}

const processes = "/proc";
/** The access mode among the flags of an open file: read, write, or both (fcntl.h). */
const accessMode = 0o3;

/** Whether processes with an open file can be found: only on Linux, and only those of the same user. */
export const seesWriters: boolean = process.platform === "linux";

/**
 * A process other than this one that has the file open for writing: a running Chroma keeps its database open.
 * `undefined` where processes cannot be seen.
 */
export function findWriter(path: string): Writer | undefined {
  const file = realpathSync(path);
  for (const name of list(processes)) {
    const processId = Number(name);
    if (!Number.isInteger(processId) || processId === process.pid) continue;
    for (const descriptor of list(join(processes, name, "fd"))) {
      if (opensForWriting(join(processes, name), descriptor, file)) {
        return { processId, command: commandOf(name) };
      }
    }
  }
  return undefined;
}

/** Processes end meanwhile, and those of other users cannot be inspected. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

function list(directory: string): string[] {
  return attempt(() => readdirSync(directory), []);
}

function opensForWriting(directory: string, descriptor: string, file: string): boolean {
  if (attempt(() => readlinkSync(join(directory, "fd", descriptor)), "") !== file) return false;
  const information = attempt(() => readFileSync(join(directory, "fdinfo", descriptor), "utf8"), "");
  const flags = /^flags:\s*([0-7]+)/m.exec(information)?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & accessMode) !== 0;
}

/** The program, from the command line: `comm` is the name of the main thread, which a program may change. */
function commandOf(name: string): string {
  const words = attempt(() => readFileSync(join(processes, name, "cmdline"), "utf8"), "").split("\0");
  return basename(words[0] ?? "") || "unknown";
}
