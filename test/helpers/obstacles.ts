import { spawnSync } from "node:child_process";
import { describe, it } from "vitest";

/** Defines a suite that is skipped if there is an obstacle. Its title then ends with it: `(not run: no promtool …)`. */
export function describeUnless(obstacle: string | undefined, title: string, define: () => void): void {
  describe.skipIf(obstacle !== undefined)(titled(title, obstacle), define);
}

/** Defines a test that is skipped if there is an obstacle. Its title then ends with it. */
export function itUnless(
  obstacle: string | undefined,
  title: string,
  run: () => void | Promise<void>,
  timeoutMs?: number,
): void {
  it.skipIf(obstacle !== undefined)(titled(title, obstacle), run, timeoutMs);
}

function titled(title: string, obstacle: string | undefined): string {
  return obstacle === undefined ? title : `${title} ${obstacle}`;
}

/** @returns the obstacle if a condition of the machine is not met */
export function unless(isMet: boolean, reason: string): string | undefined {
  return isMet ? undefined : `(not run: ${reason})`;
}

export const notOnLinux: string | undefined = unless(process.platform === "linux", "only on Linux");
export const onWindows: string | undefined = unless(process.platform !== "win32", "not on Windows");

/** Tests of a full disk mount a small file system in a namespace of their own. */
export const mountObstacle: string | undefined = unless(
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
  "this user may not mount a file system with `unshare -rm`",
);
