import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { failureOf, mayBeFullDisk } from "../../src/sqlite/failures.ts";
import { itUnless, unless } from "../helpers/obstacles.ts";

/** As SQLite reports a write that fails, for whatever reason: SQLITE_IOERR_WRITE. */
const failedWrite = Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 778 });

// A file system without a free block.
itUnless(
  unless(existsSync("/proc"), "no /proc on this system"),
  "a failed write on a full disk is reported as a full disk",
  () => {
    expect(failureOf("/proc/ledger.sqlite", failedWrite)).toMatchObject({
      kind: "disk-full",
      problem: "the disk is full",
      hint: expect.stringContaining("Free some space"),
    });
    expect(mayBeFullDisk("/proc/ledger.sqlite", failedWrite)).toBe(true);
  },
);

it("a failed write on another disk is a failure of the disk", () => {
  expect(failureOf(`${tmpdir()}/ledger.sqlite`, failedWrite)).toMatchObject({
    kind: "disk",
    problem: "the disk could not be read or written",
  });
});
