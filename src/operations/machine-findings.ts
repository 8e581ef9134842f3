import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nearestDirectory } from "../foundation/directories.ts";
import { systemFailure } from "../foundation/file-failure.ts";
import type { Finding } from "../foundation/finding.ts";
import { counted } from "../foundation/plural.ts";
import { examined, failure } from "./finding.ts";

/** The lowest Node.js version that ragfood is tested on. */
const nodeMajor = 20;
const nodeMinor = 19;

const mebibyte = 2 ** 20;

/** Less free space than this is worth a warning: an index, its log and a backup of it grow. Bytes. */
const littleSpace = 200 * mebibyte;

/** With less free space nothing can be written for long: one log of SQLite, and a rewrite of a small file. Bytes. */
const leastSpace = 16 * mebibyte;

/** Bytes that a probe writes. */
const probeBytes = 65_536;

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > nodeMajor || (major === nodeMajor && minor >= nodeMinor);
  const detail = `version ${version}`;
  return isSupported
    ? examined("Node.js", "fact", detail)
    : examined("Node.js", "problem", detail, `Install Node.js ${nodeMajor}.${nodeMinor} or later.`);
}

/** Whether the index or the state of a project has room to grow. @param needed bytes that an ingest will write */
export function diskFinding(directory: string, needed: number): Finding {
  const subject = "Disk";
  const place = nearestDirectory(directory);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const detail = `${megabytes(free)} free at ${place}`;
  const hint = "Free some space, or set RAGFOOD_DIR to another disk.";
  if (free < needed) {
    return examined(subject, "problem", `${detail}; the index needs about ${megabytes(needed)}`, hint);
  }
  if (free < leastSpace) {
    return examined(subject, "problem", `${detail}; writes fail, or will soon`, hint);
  }
  return free < littleSpace ? examined(subject, "warning", detail, hint) : examined(subject, "fact", detail);
}

/**
 * Whether a service can store what it keeps, in a SQLite file: the file and the logs beside it can be opened for
 * writing, and their directory has room. Changes nothing in them.
 */
export function stateFileFinding(file: string): Finding {
  const subject = "State store";
  const directory = dirname(file);
  if (!existsSync(file)) {
    return examined(subject, "fact", `none yet; a service creates it at ${file}`);
  }
  try {
    for (const path of [file, `${file}-wal`, `${file}-shm`]) {
      if (existsSync(path)) closeSync(openSync(path, "r+"));
    }
    const probe = join(mkdtempSync(join(directory, "doctor-")), "probe");
    try {
      writeFileSync(probe, Buffer.alloc(probeBytes), { flush: true });
    } finally {
      rmSync(dirname(probe), { recursive: true });
    }
    return examined(subject, "fact", `${file} can be written`);
  } catch (error) {
    const { problem = (error as Error).message, hint } = systemFailure(error) ?? {};
    return examined(subject, "problem", `${file} cannot be written: ${problem}`, hint ?? stateHint);
  }
}

const stateHint =
  "Free some space, or give this user the right to write. Answers go on; keys and feedback do not.";

/** Pipes and some migrations need temporary files. */
export function temporaryFilesFinding(): Finding {
  const subject = "Temporary files";
  const place = tmpdir();
  try {
    rmSync(mkdtempSync(join(place, "ragfood-doctor-")), { recursive: true });
    return examined(subject, "fact", place);
  } catch (error) {
    const problem = systemFailure(error)?.problem ?? (error as Error).message;
    const hint = "Set TMPDIR to a directory that this user can write.";
    return examined(subject, "problem", `${place} cannot be written: ${problem}`, hint);
  }
}

/** Whether the embedded index, which does not exist yet, can be created. */
export function missingIndexFinding(file: string): Finding {
  const subject = "Index";
  try {
    accessSync(nearestDirectory(dirname(file)), constants.W_OK | constants.X_OK);
    return examined(subject, "fact", `none yet; the first question creates it at ${file}`);
  } catch (error) {
    return examined(
      subject,
      "problem",
      `none yet, and it cannot be created at ${file}: ${(error as Error).message}`,
      "Set RAGFOOD_DIR to a directory that this user can write.",
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte).toLocaleString("en")} MiB`;
}

/** Reads the file of an embedded index and compares it with its checksums. */
export type IndexFileVerification = () => { readonly faults: readonly { readonly problem: string }[] };

export function indexFileFinding(subject: string, verify: IndexFileVerification): Finding {
  const hint = "Restore a backup, or keep what can be read with: ragfood index repair. Then check the disk.";
  try {
    const [first, ...others] = verify().faults;
    if (first === undefined) return examined(subject, "fact", "every record is as it was written");
    const more = others.length === 0 ? "" : `, and ${counted(others.length, "fault")} more`;
    return examined(subject, "problem", `damaged: ${first.problem}${more}`, hint);
  } catch (error) {
    return failure(subject, error, hint);
  }
}
