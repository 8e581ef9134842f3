import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { describeUnless, mountObstacle } from "../helpers/obstacles.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const script = fileURLToPath(new URL("./full-disk.js", import.meta.url));

describeUnless(mountObstacle, "a cutover whose state lies on a full disk (CUT-2)", () => {
  it("rolls back with the space that the start put aside, and refuses other changes and writes whole", () => {
    const directory = temporaryDirectory();
    const command = `mount -t tmpfs -o size=6m none "${directory}" && exec "${process.execPath}" "${script}" "${directory}"`;
    const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", command], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      written: "state storage",
      epoch: 2,
      pausedWhileFull: "state storage",
      pauseWhileFull: null,
      rolledBack: true,
      incidents: 1,
      pausedLater: "done",
      stage: "source",
    });
  });
});
