import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nearestDirectory } from "../foundation/directories.ts";
import { systemFailure } from "../foundation/file-failure.ts";
import type { Finding } from "../foundation/finding.ts";
import { examined } from "./finding.ts";

/** The lowest Node.js version that ragfood is tested on. */
const nodeMajor = 20;
const nodeMinor = 19;

const mebibyte = 2 ** 20;

/** Less free space than this is worth a warning: an index, its log and a backup of it grow. Bytes. */
const littleSpace = 200 * mebibyte;

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
  return free < littleSpace ? examined(subject, "warning", detail, hint) : examined(subject, "fact", detail);
}

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
